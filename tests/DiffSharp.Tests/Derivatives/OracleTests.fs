/// Every differentiable operation against central differences, to the third order.
module OracleTests

open Expecto
open DiffSharp
open Approx
open OperationTable

/// Central differences in float64 with a step of 1e-5 are off by about 1e-10 |f‴| and 1e-16/1e-5 |f|: 1e-6 leaves room for third derivatives
/// in the thousands, and no wrong formula is that close.
let private tolerance = 1e-6

let private step = 1e-5

/// All elements of a result count, each with a weight of its own.
let private scalarOf (f: Tensor -> Tensor) (x: Tensor) : Tensor =
    let y = f x
    (y * (numbers (List.ofArray y.shape) 0.4 1.7)).sum()

let private along (f: Tensor -> Tensor) (x: Tensor) (v: Tensor) = (f (x + step * v) - f (x - step * v)) / (2.0 * step)

let private direction (x: Tensor) = numbers (List.ofArray x.shape) -1.0 1.3

let private gradientByDifferences (f: Tensor -> Tensor) (x: Tensor) =
    let count = x.nelement

    let slope i =
        let unit = (dsharp.onehot (count, i, Dtype.Float64, device.Value)).view x.shape
        along f x unit

    (dsharp.stack [ for i in 0 .. count - 1 -> slope i ]).view x.shape

let private first entry =
    testCase entry.Name
    <| fun () ->
        let x = entry.X.Value
        let f = scalarOf entry.F
        let value, gradient = dsharp.fgrad f x
        close 1e-14 value (f x) "value"
        close tolerance gradient (gradientByDifferences f x) "gradient"
        let v = direction x
        close tolerance (dsharp.gradv f x v) (along f x v) "directional derivative"

let private flat entry (x: Tensor) = (entry.F(x.view entry.X.Value.shape)).flatten()

let private forward entry =
    testCase entry.Name
    <| fun () ->
        let x = entry.X.Value.flatten ()
        let v = direction x
        let expected = along (flat entry) x v
        close tolerance (dsharp.jacobianv (flat entry) x v) expected "two reverse passes"
        close tolerance (Dual.jacobianv (flat entry) x v) expected "dual numbers"
        let w = numbers (List.ofArray expected.shape) -1.0 1.0
        let transposed = dsharp.jacobianTv (flat entry) x w
        // wᵀ(J v) = (Jᵀw)ᵀ v
        close 1e-9 (transposed.dot v) (expected.dot w) "transposed" |> ignore

let private second entry =
    testCase entry.Name
    <| fun () ->
        let x = entry.X.Value
        let f = scalarOf entry.F
        let v = direction x
        let expected = along (dsharp.grad f) x v
        let value, slope, product = dsharp.fgradhessianv f x v
        close 1e-14 value (f x) "value"
        close tolerance slope (along f x v) "directional derivative"
        close tolerance product expected "Hessian-vector product"
        // the same, as a gradient of a directional derivative
        close 1e-10 (dsharp.grad (fun x -> dsharp.gradv f x v) x) product "nested"

        close 1e-8 (Dual.hessianv f x v) product "forward over reverse"

let private third entry =
    testCase entry.Name
    <| fun () ->
        let x = entry.X.Value
        let f = scalarOf entry.F
        let v = direction x
        let curvature x = (dsharp.hessianv f x v * v).sum()
        let expected = along (fun x -> dsharp.hessianv f x v) x v
        // d/dx (vᵀH v) and the derivative of H v along v are the same vector
        close tolerance (dsharp.grad curvature x) expected "third derivative"

/// The operations that the library offers, by the names they are called by.
let private offered =
    [ for owner in typeof<Tensor>.Assembly.GetExportedTypes() do
          if owner.IsAbstract && owner.IsSealed then
              for method in owner.GetMethods() do
                  if method.Name.StartsWith "Tensor." then
                      let result = method.ReturnType.ToString()

                      if result.Contains "DiffSharp.Tensor" || result = "System.Boolean" || result = "System.Int32[]" then
                          method.Name.Substring 7 ]
    |> List.distinct

[<Tests>]
let tests =
    testList
        "derivatives"
        [ testList "gradients against central differences" (List.map first all)
          testList "Jacobians against central differences" (List.map forward all)
          testList "Hessian-vector products against central differences" (List.map second all)
          testList "third derivatives against central differences" (List.map third all)
          testCase "every operation is tried or named as without derivatives"
          <| fun () ->
              let tried = all |> List.map (fun entry -> (entry.Name.Split ' ')[0]) |> set

              let missing =
                  offered
                  |> List.map (fun name -> Map.tryFind name synonyms |> Option.defaultValue name)
                  |> List.filter (fun name -> not (tried.Contains name) && not (notDifferentiable.Contains name))

              Expect.isGreaterThan offered.Length 100 "the library's operations are found"
              Expect.isEmpty missing "in neither list"
              let unknown = Set.difference (set notDifferentiable) (set offered) |> List.ofSeq
              Expect.isEmpty unknown "named, but not offered" ]
