/// Models written in TorchSharp, differentiated by this library.
module DiffSharp.Tests.TorchTensorsTests

open System
open Expecto
open TorchSharp
open DiffSharp

let private generator () = Generator(3L)

let private normal (shape: int list) g = dsharp.randn (shape, dtype = Dtype.Float64, generator = g)

/// tanh(x w₀) w₁, squared and summed, in TorchSharp and here.
let private native (x: torch.Tensor) =
    TorchTensors.Lift(
        "network",
        Func<_, _>(fun (w: torch.Tensor[]) ->
            let hidden = torch.mm (x, w[0])
            let out = torch.mm (hidden.tanh (), w[1])
            torch.mul(out, out).sum())
    )

let private own (x: Tensor) (w: Tensor[]) =
    let out = (x.matmul w[0]).tanh().matmul w[1]
    (out * out).sum()

let private same what (a: Tensor) (b: Tensor) =
    let difference = float ((a - b).abs().max())
    Expect.isLessThanOrEqual difference 1e-12 what

[<Tests>]
let tests =
    testList
        "TorchSharp's tensors"
        [ testCase "a lifted function has the derivatives of the same function written here, to third order" (fun () ->
              let g = generator ()
              let x = normal [ 5; 4 ] g
              let w = [| normal [ 4; 3 ] g; normal [ 3; 2 ] g |]
              let v = [| normal [ 4; 3 ] g; normal [ 3; 2 ] g |]
              use inner = TorchTensors.Unwrap x
              let lifted = native inner
              same "value" (lifted w) (own x w)
              Array.iter2 (same "gradient") (dsharp.grads lifted w) (dsharp.grads (own x) w)
              Array.iter2 (same "Hessian product") (dsharp.hessiansv lifted w v) (dsharp.hessiansv (own x) w v)

              let third f =
                  dsharp.grads
                      (fun w -> Array.map2 (fun (a: Tensor) (b: Tensor) -> (a * b).sum()) (dsharp.hessiansv f w v) v |> Array.reduce (+))
                      w

              Array.iter2 (same "third order") (third lifted) (third (own x)))

          testCase "wrapped and unwrapped tensors share their elements and live by themselves" (fun () ->
              TorchRuntime.Ensure()
              use scope = torch.NewDisposeScope()
              let source = torch.ones ([| 3L |], dtype = torch.ScalarType.Float64)
              let wrapped = TorchTensors.Wrap source
              let back = TorchTensors.Unwrap wrapped
              source.Dispose()
              Expect.equal (float (wrapped.sum ())) 3.0 "alive after its source"
              Expect.equal (back.sum().item<float>()) 3.0 "alive after its source"
              scope.Dispose()
              Expect.equal (float (wrapped.sum ())) 3.0 "alive after the caller's scope")

          testCase "a lifted function that fails says so by its name" (fun () ->
              let failing =
                  TorchTensors.Lift("my network", Func<_, _>(fun (w: torch.Tensor[]) -> torch.mm (w[0], w[0])))

              Expect.throwsC (fun () -> failing [| dsharp.zeros [ 2; 3 ] |] |> ignore) (fun e ->
                  Expect.isTrue (e :? TensorException) "a TensorException"
                  Expect.stringContains e.Message "my network" "its name"))

          testCase "neither leaks" (fun () ->
              let x = normal [ 5; 4 ] (generator ())

              let w =
                  [| dsharp.ones ([ 4; 3 ], dtype = Dtype.Float64); dsharp.ones ([ 3; 2 ], dtype = Dtype.Float64) |]

              use inner = TorchTensors.Unwrap x
              let lifted = native inner
              let live () = DisposeScopeManager.Statistics.ThreadTotalLiveCount

              dsharp.scope (fun () ->
                  dsharp.grads lifted w |> ignore
                  lifted [| w[0]; w[1] |] |> ignore)

              let before = live ()

              for _ in 1..50 do
                  dsharp.scope (fun () ->
                      dsharp.grads lifted w |> ignore
                      lifted w |> ignore
                      TorchTensors.Wrap inner |> ignore)

              Expect.equal (live ()) before "tensors alive") ]
