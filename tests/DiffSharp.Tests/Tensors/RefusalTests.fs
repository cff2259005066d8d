/// Nothing ends the process: the cases of Refusals, played in a child, each held to its word.
module RefusalTests

open System
open Expecto

/// How each case ended; one that ended the child is told so, and the next child goes on behind it.
let private outcomes =
    lazy
        (let ended = Array.create Refusals.all.Length "never played"
         let mutable first = 0

         while first < Refusals.all.Length do
             let environment =
                 match Environment.GetEnvironmentVariable "NOISESCALE_DEVICE" with
                 | null -> []
                 | device -> [ "NOISESCALE_DEVICE", device ]

             let answer = Child.run $"refusals:{first}" environment

             for i in first .. Refusals.all.Length - 1 do
                 match answer.Values.TryFind(string i) with
                 | Some text -> ended[i] <- text
                 | None -> ()

             if answer.ExitCode = 0 then
                 first <- Refusals.all.Length
             else
                 match answer.Values.TryFind "begin" with
                 | Some last ->
                     ended[int last] <- $"ended the process: {answer.Output}"
                     first <- int last + 1
                 | None -> failtest $"the child did not start: {answer.Output}"

         ended)

let private check (i: int) (case: Refusals.Case) =
    testCase case.Name
    <| fun () ->
        let ended = outcomes.Value[i]

        match case.Outcome with
        | Refusals.Served -> Expect.equal ended "served" "a result"
        | Refusals.Survived -> Expect.isMatch ended "^(served$|TensorException: )" "a result or a refusal"
        | Refusals.Refused fragments ->
            Expect.isMatch ended "^(TensorException|ArgumentException|ArgumentNullException|ObjectDisposedException): " "refused"

            for fragment in fragments do
                Expect.stringContains ended fragment "the message names it"

[<Tests>]
let tests = testList "refusals" (Refusals.all |> Array.mapi check |> List.ofArray)
