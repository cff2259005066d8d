/// Derivatives inside functions that are being differentiated: each sees its own variable, and through the others'.
module NestingTests

open Expecto
open DiffSharp
open Approx

let private number (x: float) = tensor x

/// Values computed by hand, in a few roundings of float64.
let private tolerance = 1e-13

let private is (expected: float) (actual: Tensor) (what: string) = close tolerance actual (number expected) what

let private confusion =
    testList
        "no perturbation confusion"
        [ testCase "d/dx x·(d/dy (x + y)) = 1"
          <| fun () -> is 1.0 (dsharp.diff (fun x -> x * dsharp.diff (fun y -> x + y) (number 1.0)) (number 1.0)) "at 1"

          testCase "d/dx x·(d/dy (x·y)) = 2x"
          <| fun () -> is 6.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> x * y) (number 2.0)) (number 3.0)) "at 3"

          testCase "the inner derivative may be at the outer variable itself"
          <| fun () ->
              is 1.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> x + y) x) (number 5.0)) "x·1"
              is 10.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> x * y) x) (number 5.0)) "x·x"
              // d/dx x·(d/dy y²x at y = x) = d/dx 2x³
              is 54.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> y * y * x) x) (number 3.0)) "2x³"

          testCase "three deep"
          <| fun () ->
              let f x = x * dsharp.diff (fun y -> y * y * dsharp.diff (fun z -> x * y * z * z) x) x
              // inner: 2xyz at z = x: 2x²y; middle: d/dy 2x²y³ at y = x: 6x⁴; outer: d/dx 6x⁵ = 30x⁴
              is 480.0 (dsharp.diff f (number 2.0)) "30x⁴"

          testCase "an inner derivative with respect to something the outer variable is in"
          <| fun () ->
              // d/dx [d/dy y³ at y = x²] = d/dx 3x⁴ = 12x³
              is 96.0 (dsharp.diff (fun x -> dsharp.diff (fun y -> y * y * y) (x * x)) (number 2.0)) "12x³"

          testCase "an inner derivative that ignores the outer variable is a constant"
          <| fun () -> is 4.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> y * y) (number 2.0)) (number 7.0)) "4x"

          testCase "noDiff stops the outer derivative too"
          <| fun () -> is 12.0 (dsharp.grad (fun x -> x * dsharp.grad (fun y -> y * y * x.noDiff ()) (number 2.0)) (number 3.0)) "4·3"

          testCase "a value that leaves an inner derivative is still differentiable"
          <| fun () ->
              let f x =
                  let value, slope = dsharp.fdiff (fun y -> x * y * y) (number 3.0)
                  value * slope

              // 9x · 6x = 54x²
              is 216.0 (dsharp.diff f (number 2.0)) "108x"

          testCase "a tensor captured before the derivative is a constant of it, and survives"
          <| fun () ->
              let w = number 4.0
              is 4.0 (dsharp.grad (fun x -> x * w) (number 3.0)) "w"
              is 1.0 (dsharp.grad (fun x -> dsharp.grad (fun y -> x * y + w) x) (number 3.0)) "x"
              is 4.0 w "w is there"

          testCase "a scope inside f keeps what derivatives need"
          <| fun () ->
              let f x = dsharp.scope (fun () -> let y = x * x in y * y)
              is 32.0 (dsharp.diff f (number 2.0)) "4x³"
              is 48.0 (dsharp.diff2 f (number 2.0)) "12x²"

          testCase "TorchSharp's no_grad around it changes nothing, and stays on"
          <| fun () ->
              use _ = TorchSharp.torch.no_grad ()
              is 12.0 (dsharp.diff (fun x -> x * x * x) (number 2.0)) "3x²"
              Expect.isFalse (TorchSharp.torch.is_grad_enabled ()) "still on"

          testCase "an f that returns its argument, or something from outside"
          <| fun () ->
              let w = number 4.0
              let value, slope = dsharp.fgrad id (number 3.0)
              is 3.0 value "x"
              is 1.0 slope "1"
              let value, slope = dsharp.fgrad (fun _ -> w) (number 3.0)
              is 4.0 value "w"
              is 0.0 slope "0"
              is 4.0 w "w is there"
              let value, product = dsharp.fhessianv (fun _ -> w) (number 3.0) (number 1.0)
              is 4.0 value "w"
              is 0.0 product "0" ]

let private x3 = lazy (tensor [ 0.7; -1.2; 1.9 ])
let private cubic (x: Tensor) = (x * x * x).sum() + x[0] * x[1] * x[2]

let private combined =
    testList
        "nested forms"
        [ testCase "a gradient of a Hessian's trace is the third derivatives' contraction"
          <| fun () ->
              // ∂/∂xᵢ Σⱼ 6xⱼ = 6
              close tolerance (dsharp.grad (dsharp.laplacian cubic) x3.Value) (tensor [ 6.0; 6.0; 6.0 ]) "6"

          testCase "a Hessian of a gradient's component"
          <| fun () ->
              // ∂f/∂x₀ = 3x₀² + x₁x₂
              let hessian = dsharp.hessian (fun x -> (dsharp.grad cubic x)[0]) x3.Value
              close tolerance hessian (tensor [ [ 6.0; 0.0; 0.0 ]; [ 0.0; 0.0; 1.0 ]; [ 0.0; 1.0; 0.0 ] ]) "closed form"

          testCase "the Jacobian of the gradient is the Hessian"
          <| fun () -> close tolerance (dsharp.jacobian (dsharp.grad cubic) x3.Value) (dsharp.hessian cubic x3.Value) "symmetric too"

          testCase "jacobianv of jacobianv, at two directions"
          <| fun () ->
              let f (x: Tensor) = x * x * x
              let v, w = tensor [ 1.0; 2.0; 3.0 ], tensor [ -1.0; 0.5; 2.0 ]
              let second = dsharp.jacobianv (fun x -> dsharp.jacobianv f x v) x3.Value w
              close tolerance second (6.0 * x3.Value * v * w) "6x v w"

              let third =
                  dsharp.jacobianv (fun x -> dsharp.jacobianv (fun x -> dsharp.jacobianv f x v) x w) x3.Value v

              close tolerance third (6.0 * v * w * v) "6 v w v"

          testCase "a gradient with respect to the direction"
          <| fun () ->
              let v = tensor [ 1.0; 2.0; 3.0 ]
              let slope = dsharp.grad (fun v -> (dsharp.jacobianv (fun x -> x * x) x3.Value v).dot v) v
              close tolerance slope (4.0 * x3.Value * v) "d/dv Σ 2x v²"
              let slope = dsharp.grad (fun v -> dsharp.gradv cubic x3.Value v) v
              close tolerance slope (dsharp.grad cubic x3.Value) "∇f"
              let slope = dsharp.grad (fun v -> (dsharp.hessianv cubic x3.Value v).dot v) v
              close tolerance slope (2.0 * dsharp.hessianv cubic x3.Value v) "2Hv"

          testCase "diffn agrees with diff nested, and with sin's derivatives"
          <| fun () ->
              let x = number 0.4
              let f (x: Tensor) = (x * x).sin()
              let nested = dsharp.diff (dsharp.diff (dsharp.diff f)) x
              close 1e-11 (dsharp.diffn 3 f x) nested "third"
              let all = dsharp.ffdiffn 5 (fun x -> x.sin ()) x
              let s, c = sin 0.4, cos 0.4
              Array.iteri2 (fun i value expected -> is expected value $"order {i}") all [| s; c; -s; -c; s; c |]
              is -s (dsharp.diff2 (fun x -> x.sin ()) x) "second"
              let value, second = dsharp.fdiff2 (fun x -> x.sin ()) x
              is s value "value"
              is -s second "second"
              is s (dsharp.diffn 0 (fun x -> x.sin ()) x) "order 0"
              // beyond a polynomial's degree there is nothing left
              is 0.0 (dsharp.diffn 4 (fun x -> x * x) x) "fourth of x²"

          testCase "diff of a curve: the derivative has its shape"
          <| fun () ->
              let curve (t: Tensor) = dsharp.stack [ t.cos (); t.sin (); t * t * t ]
              let all = dsharp.ffdiffn 2 curve (number 0.3)
              close tolerance all[1] (tensor [ -(sin 0.3); cos 0.3; 0.27 ]) "velocity"
              close tolerance all[2] (tensor [ -(cos 0.3); -(sin 0.3); 1.8 ]) "acceleration"
              close tolerance (dsharp.diff (dsharp.diff curve) (number 0.3)) all[2] "nested"

          testCase "a step of gradient descent is differentiable in its learning rate"
          <| fun () ->
              let loss (x: Tensor) = (x * x).sum() / 2.0
              // after two steps x(1 − ε)², loss |x|²(1 − ε)⁴/2, derivative −2|x|²(1 − ε)³
              let after rate =
                  let mutable x = x3.Value

                  for _ in 1..2 do
                      x <- x - rate * dsharp.grad loss x

                  loss x

              let expected = -2.0 * float ((x3.Value * x3.Value).sum()) * (0.9 ** 3.0)
              is expected (dsharp.diff after (number 0.1)) "−2|x|²(1 − ε)³"

          testCase "the gradient penalty: ∇(|∇C|²) = 2H∇C"
          <| fun () ->
              let penalty x = let g = dsharp.grad cubic x in g.dot g
              let g = dsharp.grad cubic x3.Value
              close tolerance (dsharp.grad penalty x3.Value) (2.0 * dsharp.hessianv cubic x3.Value g) "by Hessian-vector product"

          testCase "several tensors: gradients and Hessian-vector products are those of the vector they make"
          <| fun () ->
              let f (xs: Tensor[]) = (xs[0].matmul xs[1]).tanh().sum() * xs[2] + (xs[0] * xs[0]).sum()
              let xs = [| numbers [ 2; 3 ] -1.0 1.0; numbers [ 3; 2 ] -1.0 1.0; number 0.7 |]
              let vs = [| numbers [ 2; 3 ] -0.5 1.0; numbers [ 3; 2 ] -1.0 0.3; number -0.4 |]
              let join (ts: Tensor[]) = dsharp.cat [ for t in ts -> t.view -1 ]

              let apart (x: Tensor) = [| x[0..5].view [ 2; 3 ]; x[6..11].view [ 3; 2 ]; x[12] |]

              let value, gradients, products = dsharp.fgradhessiansv f xs vs
              let flatValue, _, flatProduct = dsharp.fgradhessianv (apart >> f) (join xs) (join vs)
              close tolerance value flatValue "value"
              close tolerance (join gradients) (dsharp.grad (apart >> f) (join xs)) "gradients"
              close tolerance (join products) flatProduct "products"
              close tolerance (join (dsharp.grads f xs)) (join gradients) "grads"
              close tolerance (join (dsharp.hessiansv f xs vs)) (join products) "hessiansv"
              let _, forwardGradients, forwardProducts = Dual.fgradhessiansv f xs vs
              close tolerance (join forwardGradients) (join gradients) "forward over reverse: gradients"
              close tolerance (join forwardProducts) (join products) "forward over reverse: products"
              // a tensor that f does not use
              let unused = dsharp.grads (fun xs -> xs[0].sum()) [| xs[0]; xs[1] |]
              close 0.0 unused[1] (dsharp.zerosLike xs[1]) "zeros" ]

let private meaning =
    testList
        "closed forms"
        [ testCase "Laplacian, curl, divergence and Jacobian of known maps"
          <| fun () ->
              let x = x3.Value
              let f (x: Tensor) = dsharp.stack [ x[0] * x[1]; x[1] * x[2]; x[2] * x[0] ]
              let a, b, c = float x[0], float x[1], float x[2]
              let jacobian = tensor [ [ b; a; 0.0 ]; [ 0.0; c; b ]; [ c; 0.0; a ] ]
              close tolerance (dsharp.jacobian f x) jacobian "Jacobian"
              close tolerance (dsharp.curl f x) (tensor [ -b; -c; -a ]) "curl"
              is (a + b + c) (dsharp.divergence f x) "divergence"
              let value, curl, divergence = dsharp.fcurldivergence f x
              close tolerance value (f x) "value"
              close tolerance curl (dsharp.curl f x) "curl"
              is (a + b + c) divergence "divergence"
              // 1/r is harmonic in three dimensions
              is 0.0 (dsharp.laplacian (fun x -> 1.0 / (x * x).sum().sqrt()) x) "Laplacian of 1/r"
              close tolerance (dsharp.curl (dsharp.grad cubic) x) (tensor [ 0.0; 0.0; 0.0 ]) "curl of a gradient"
              is 0.0 (dsharp.divergence (dsharp.curl (fun x -> (f x) * x)) x) "divergence of a curl"
              is (float (dsharp.laplacian cubic x)) (dsharp.divergence (dsharp.grad cubic) x) "div grad"

          testCase "tall and wide Jacobians agree with their rows and columns"
          <| fun () ->
              let weights = numbers [ 5; 3 ] -1.0 1.0
              let tall (x: Tensor) = (weights.matmul x).sin()
              let wide (x: Tensor) = (weights.transpose().matmul x).sin()
              let x5 = numbers [ 5 ] -1.0 1.0
              close tolerance (dsharp.jacobian tall x3.Value) ((weights.matmul x3.Value).cos().unsqueeze 1 * weights) "tall"

              close tolerance (dsharp.jacobian wide x5) ((weights.transpose().matmul x5).cos().unsqueeze 1 * weights.transpose ()) "wide"

          testCase "short names are the long ones"
          <| fun () ->
              let x, v = x3.Value, tensor [ 1.0; 0.5; -2.0 ]
              let f (x: Tensor) = x * x * x
              let same (a: Tensor) (b: Tensor) = close 0.0 a b "the same"

              let same2 (a, b) (c, d) =
                  same a c
                  same b d

              let same3 (a, b, c) (d, e, f) =
                  same a d
                  same b e
                  same c f

              same (dsharp.g cubic x) (dsharp.grad cubic x)
              same (dsharp.gvp cubic x v) (dsharp.gradv cubic x v)
              same (dsharp.h cubic x) (dsharp.hessian cubic x)
              same (dsharp.hvp cubic x v) (dsharp.hessianv cubic x v)
              same (dsharp.j f x) (dsharp.jacobian f x)
              same (dsharp.jvp f x v) (dsharp.jacobianv f x v)
              same (dsharp.vjp f x v) (dsharp.jacobianTv f x v)
              same2 (dsharp.gh cubic x) (dsharp.gradhessian cubic x)
              same2 (dsharp.ghvp cubic x v) (dsharp.gradhessianv cubic x v)
              same2 (dsharp.fg cubic x) (dsharp.fgrad cubic x)
              same2 (dsharp.fgvp cubic x v) (dsharp.fgradv cubic x v)
              same2 (dsharp.fh cubic x) (dsharp.fhessian cubic x)
              same2 (dsharp.fhvp cubic x v) (dsharp.fhessianv cubic x v)
              same2 (dsharp.fj f x) (dsharp.fjacobian f x)
              same2 (dsharp.fjvp f x v) (dsharp.fjacobianv f x v)
              same2 (dsharp.fvjp f x v) (dsharp.fjacobianTv f x v)
              same3 (dsharp.fgh cubic x) (dsharp.fgradhessian cubic x)
              same3 (dsharp.fghvp cubic x v) (dsharp.fgradhessianv cubic x v)
              same2 (dsharp.flaplacian cubic x) (cubic x, dsharp.laplacian cubic x)
              same2 (dsharp.fcurl f x) (f x, dsharp.curl f x)
              same2 (dsharp.fdivergence f x) (f x, dsharp.divergence f x)
              same2 (dsharp.curldivergence f x) (dsharp.curl f x, dsharp.divergence f x) ]

[<Tests>]
let tests = testList "nested derivatives" [ confusion; combined; meaning ]
