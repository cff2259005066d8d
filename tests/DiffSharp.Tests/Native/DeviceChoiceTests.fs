module DeviceChoiceTests

open Expecto
open DiffSharp.Native

let private chosen requested devices = DeviceChoice.choose requested devices |> Result.map fst |> Result.mapError _.Cause

let private refused requested devices (part: string) =
    match chosen requested devices with
    | Error cause -> Expect.stringContains cause part $"NOISESCALE_DEVICE={requested}, {devices} CUDA devices"
    | Ok device -> failtest $"NOISESCALE_DEVICE={requested} with {devices} CUDA devices chose {device}"

[<Tests>]
let tests =
    testList
        "DeviceChoice"
        [ testCase "automatic takes CUDA where there is one"
          <| fun () ->
              for unset in ([ null; ""; "auto"; " Auto " ]: (string | null) list) do
                  Expect.equal (chosen unset 0) (Ok "cpu") "no device"
                  Expect.equal (chosen unset 2) (Ok "cuda") "two devices"

          testCase "the named device is taken if it is there"
          <| fun () ->
              Expect.equal (chosen "cpu" 2) (Ok "cpu") "cpu beside CUDA"
              Expect.equal (chosen "cuda" 1) (Ok "cuda") "cuda"
              Expect.equal (chosen "CUDA:1" 2) (Ok "cuda:1") "the second"

          testCase "a device that is not there is refused with the value and the count"
          <| fun () ->
              refused "cuda" 0 "NOISESCALE_DEVICE=cuda, and this libtorch sees no CUDA device"
              refused "cuda:2" 2 "the CUDA devices are 0 to 1"

          testCase "any other word is refused"
          <| fun () ->
              for word in [ "gpu"; "cuda:"; "cuda:-1"; "cuda:+1"; "cuda:x"; "cuda: 1"; "cuda:99999999999"; "cudax" ] do
                  refused word 4 "is none of auto, cpu, cuda, cuda:N" ]
