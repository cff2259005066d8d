/// Nothing leaks, nothing depends on the thread, and what is gone says so.
module MemoryTests

open System
open System.Diagnostics
open System.IO
open System.Threading.Tasks
open Expecto
open DiffSharp
open TorchSharp
open Approx

let private residentMegabytes () =
    if OperatingSystem.IsLinux() then
        let line = File.ReadAllLines "/proc/self/status" |> Array.find _.StartsWith("VmRSS")
        float (line.Split([| ' '; '\t' |], StringSplitOptions.RemoveEmptyEntries)[1]) / 1024.0
    else
        use self = Process.GetCurrentProcess()
        float self.WorkingSet64 / 1048576.0

let private settle () =
    for _ in 1..2 do
        GC.Collect()
        GC.WaitForPendingFinalizers()

/// Runs it often; fails where live tensors or memory grow with the number of calls.
let private flat (calls: int) (act: unit -> unit) =
    for _ in 1..200 do
        act ()

    settle ()
    let tensors, memory = torch.Tensor.TotalCount, residentMegabytes ()

    for _ in 1..calls do
        act ()

    settle ()
    // other threads of the test runner may hold a few; a leak of one a call would be thousands
    Expect.isLessThan (torch.Tensor.TotalCount - tensors) 100L "live tensors"
    Expect.isLessThan (residentMegabytes () - memory) 60.0 "resident megabytes"

let private x = lazy (numbers [ 8 ] -1.0 1.0)
let private loss (x: Tensor) = ((x * x).sum() + (x.tanh () * 0.5).exp().sum()) / 3.0

let private nested (x: Tensor) = dsharp.grad (fun x -> let g = dsharp.grad loss x in g.dot g) x

[<Tests>]
let leaks =
    testSequenced
    <| testList
        "memory"
        [ testCase "a hundred thousand gradients leave nothing"
          <| fun () -> flat 50_000 (fun () -> dsharp.grad loss x.Value |> ignore)

          testCase "nor do Hessian-vector products"
          <| fun () -> flat 25_000 (fun () -> dsharp.hessianv loss x.Value x.Value |> ignore)

          testCase "nor nested derivatives" <| fun () -> flat 15_000 (fun () -> nested x.Value |> ignore)

          testCase "nor forward mode" <| fun () -> flat 10_000 (fun () -> Dual.hessianv loss x.Value x.Value |> ignore)

          testCase "nor functions that fail"
          <| fun () ->
              flat 3_000 (fun () ->
                  try
                      dsharp.grad (fun x -> (x.matmul (numbers [ 3; 3 ] 0.0 1.0)).sum()) x.Value |> ignore
                      failtest "should have failed"
                  with :? TensorException ->
                      ())

          testCase "twenty thousand products of a megabyte in plain code, without a scope, stay below 1.5 GB"
          <| fun () ->
              let a = dsharp.ones ([ 512; 512 ], dtype = Dtype.Float32)
              let mutable highest = 0.0

              for i in 1..20_000 do
                  (a * 1.5f) |> ignore

                  if i % 500 = 0 then
                      highest <- max highest (residentMegabytes ())

              Expect.isLessThan highest 1500.0 "resident megabytes"

          testCase "a collector at work all the time takes nothing that is in use"
          <| fun () ->
              use stop = new Threading.CancellationTokenSource()

              let collector =
                  Task.Factory.StartNew(
                      (fun () ->
                          while not stop.IsCancellationRequested do
                              GC.Collect 0
                              GC.WaitForPendingFinalizers()),
                      TaskCreationOptions.LongRunning
                  )

              let a = numbers [ 3; 3 ] -1.0 1.0

              let compute () =
                  float (((a * 2.0 + a).matmul(dsharp.stack [ a; a + 1.0 ])).sum())
                  + float ((a * a).[1, 2])
                  + float (((a.softmax 1).gather(1, a.argmax (1, keepDim = true))).[0, 0])
                  + (2.0 / (a * 3.0)).toFlatArray<float>()[4]
                  + float ((dsharp.grad loss (a.view -1).[0..3]).[2])

              let expected = compute ()

              for _ in 1..3_000 do
                  Expect.equal (compute ()) expected "the same"

              stop.Cancel()
              collector.Wait()

          testCase "in a scope of TorchSharp's nothing is left to the garbage collector"
          <| fun () ->
              let a = dsharp.ones ([ 512; 512 ], dtype = Dtype.Float32)
              let before = GC.CollectionCount 2

              for _ in 1..2_000 do
                  use _ = torch.NewDisposeScope()
                  dsharp.grad (fun x -> (x * x).sum()) a * 2.0 |> ignore

              // 4 GB of results: sixteen collections, had they been counted
              Expect.isLessThan (GC.CollectionCount 2 - before) 5 "collections"

          testCase "a scope releases its temporaries and keeps its result, in whatever holds it"
          <| fun () ->
              settle ()
              let before = torch.Tensor.TotalCount

              let result =
                  dsharp.scope (fun () ->
                      let many = [ for i in 1..1000 -> x.Value * float i ]

                      {| First = many[0]
                         Rest = [| many[1], Some many[2] |]
                         Text = "text"
                         Sum = List.length many |})

              Expect.isLessThan (torch.Tensor.TotalCount - before) 100L "three are left of a thousand"
              close 0.0 result.First (x.Value * 1.0) "record"
              let two, three = result.Rest[0]
              close 0.0 two (x.Value * 2.0) "tuple in an array"
              close 0.0 three.Value (x.Value * 3.0) "option"

          testCase "a scope inside a scope hands its result to the outer one"
          <| fun () ->
              let mutable inner = x.Value

              let outer =
                  dsharp.scope (fun () ->
                      inner <- dsharp.scope (fun () -> x.Value + 1.0)
                      inner * 2.0)

              close 1e-15 outer ((x.Value + 1.0) * 2.0) "the outer result"
              Expect.throwsT<ObjectDisposedException> (fun () -> inner + 1.0 |> ignore) "the inner one was the outer scope's"

          testCase "what was released says whose it was"
          <| fun () ->
              let mutable escaped = x.Value

              dsharp.grad
                  (fun x ->
                      escaped <- x * 2.0
                      x.sum ())
                  x.Value
              |> ignore

              try
                  escaped.sum () |> ignore
                  failtest "should have failed"
              with :? ObjectDisposedException as error ->
                  Expect.stringContains error.Message "a temporary of dsharp.grad" "names the function"
                  Expect.stringContains error.Message "return it" "says what to do"

          testCase "a lazy sequence is refused"
          <| fun () ->
              Expect.throwsT<ArgumentException>
                  (fun () -> dsharp.scope (fun () -> seq { for i in 1..3 -> x.Value * float i }) |> ignore)
                  "it would be computed too late"

          testCase "a derivative after one that failed is right"
          <| fun () ->
              let before = dsharp.grad loss x.Value

              for fail in
                  [ fun () -> dsharp.grad (fun _ -> failwith "no") x.Value |> ignore
                    fun () -> Dual.hessianv (fun _ -> failwith "no") x.Value x.Value |> ignore
                    fun () -> dsharp.grad (fun x -> dsharp.grad (fun _ -> failwith "no") x) x.Value |> ignore ] do
                  Expect.throws fail "fails"

              let after = dsharp.grad loss x.Value
              Expect.equal after before "the same bits"
              Expect.isFalse after.Native.requires_grad "nothing is left of the nesting"
              Expect.equal (Dual.hessianv loss x.Value x.Value).shape [| 8 |] "the dual level is free"

          testCase "eight threads compute what one computes, bit by bit"
          <| fun () ->
              let point i = numbers [ 8 ] (-1.0 - float i) 1.0
              let compute i = nested (point i), Dual.hessianv loss (point i) x.Value, dsharp.hessian loss (point i)
              let expected = [| for i in 0..7 -> compute i |]

              for _ in 1..20 do
                  let results =
                      [| for i in 0..7 -> Task.Factory.StartNew((fun () -> compute i), TaskCreationOptions.LongRunning) |] |> Task.WhenAll

                  Expect.equal results.Result expected "the same" ]
