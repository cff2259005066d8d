namespace DiffSharp

open TorchSharp

/// Reverse mode: every derivative there is, out of products of vectors with Jacobians.
module internal Reverse =

    let private natives (tensors: Tensor[]) = tensors |> Array.map _.Native

    let private run (name: string) (outputs: Tensor[]) (body: unit -> torch.Tensor[]) : Tensor[] =
        Guard.run name (fun () -> Describe.tensors (natives outputs)) body |> Array.map Tensor.Own

    /// Σₖ vₖᵀ ∂fₖ/∂xⱼ; zeros where nothing depends on x. The graph stays, for more products.
    let products (name: string) (create: bool) (outputs: Tensor[]) (xs: Tensor[]) (vectors: Tensor[]) : Tensor[] =
        let tracked = Array.zip outputs vectors |> Array.filter (fun (output, _) -> Tracking.isTracked output)

        if tracked.Length = 0 then
            xs |> Array.map Tracking.zerosLike
        else
            let outputs, vectors = Array.unzip tracked

            run name outputs (fun () -> Gradient.VectorJacobian(natives outputs, natives xs, natives vectors, create, true, true))

    let product name create (output: Tensor) (x: Tensor) (vector: Tensor) : Tensor =
        (products name create [| output |] [| x |] [| vector |])[0]

    /// The gradient of a scalar; zeros where it does not depend on x.
    let gradients (name: string) (create: bool) (retain: bool) (output: Tensor) (xs: Tensor[]) : Tensor[] =
        if not (Tracking.isTracked output) then
            xs |> Array.map Tracking.zerosLike
        else
            run name [| output |] (fun () -> Gradient.Of(output.Native, natives xs, create, retain, true))

    let gradient name create retain output (x: Tensor) : Tensor = (gradients name create retain output [| x |])[0]

    /// f at x', with checks, inside a differentiation that x' belongs to.
    type Evaluation =
        {
            Begun: Differentiation
            X: Tensor[]
            Value: Tensor
            /// Whether the results have to stay differentiable for somebody outside.
            Stays: bool
        }

        member this.Name = this.Begun.Name

    /// Opens a differentiation of f at xs, lets the body compute from it, and keeps what it returns.
    let differentiate (name: string) (f: Tensor[] -> Tensor) (xs: Tensor[]) (body: Evaluation -> 'r) : 'r =
        use begun = Differentiation.Begin name
        let stays = begun.IsNested || Array.exists Tracking.isTracked xs
        let variables = xs |> Array.map (Tracking.variable name)
        let value = f variables
        Tracking.requireFloating name xs[0] value

        body { Begun = begun; X = variables; Value = value; Stays = stays } |> Keep.from begun.Frame

    let differentiateOne name (f: Tensor -> Tensor) (x: Tensor) (body: Evaluation -> 'r) : 'r =
        differentiate name (fun xs -> f xs[0]) [| x |] body

    /// J v in two reverse passes: uᵀJ is linear in u, so its derivative with respect to u, against v, is J v. Nests to any depth.
    /// The first pass's result is shared by many v.
    let forward (at: Evaluation) : Tensor -> Tensor =
        if not (Tracking.isTracked at.Value) then
            fun _ -> Tracking.zerosLike at.Value
        else
            let u = Tracking.variable at.Name (Tracking.zerosLike at.Value)
            let transposed = product at.Name true at.Value at.X[0] u

            fun v -> product at.Name at.Stays transposed u v

    let ended (at: Evaluation) (result: Tensor) = Tracking.leave at.Stays result

    /// The unit vectors of a space, one after another.
    let units (x: Tensor) : seq<Tensor> =
        let count = x.nelement
        seq { for i in 0 .. count - 1 -> dsharp.onehot (count, i, x.dtype, x.device) }

    /// H v of many tensors at once, with the gradient and Σ gᵢ·vᵢ.
    let curvature (at: Evaluation) (vs: Tensor[]) : Tensor[] * Tensor[] =
        let gradients = gradients at.Name true true at.Value at.X
        gradients, products at.Name at.Stays gradients at.X vs
