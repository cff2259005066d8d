namespace NoiseScale.Theory.GradientNoise

open System
open DiffSharp
open NoiseScale.Theory

/// How gradients of single examples are computed.
[<RequireQualifiedAccess>]
type PerExampleWay =
    /// all at once, from one backward pass to the layers' outputs
    | Taps
    /// one example after the other; says why
    | Loop of reason: string

/// <summary>A model, its data, and what is known of the model's layers.</summary>
type ExampleProblem =
    private
        { Problem: Problem
          Network: Network option
          Forced: bool }

    /// N.
    member this.Count = this.Problem.Count

    /// The model and its data.
    member this.AsProblem = this.Problem

    /// How its examples' gradients are computed.
    member this.Way =
        match this.Network with
        | _ when this.Forced -> PerExampleWay.Loop "it was asked for"
        | None -> PerExampleWay.Loop "the model is a function whose layers are not known"
        | Some network ->
            match Layer.withoutRule network with
            | Some name -> PerExampleWay.Loop $"layer '{name}' has no fast rule"
            | None -> PerExampleWay.Taps

/// <summary>The gradients g_i = ∇ℓ_i of single examples' costs: themselves, their squared norms, and their products with a vector.</summary>
/// <remarks>
/// Networks of layers need one backward pass for a chunk of examples: δ = ∂ℓ/∂z at each layer's output gives each example's gradient, norm or product by
/// the layer's rule. Anything else goes through a loop over examples, behind the same functions; <c>Way</c> says which. Only <c>gradients</c> takes the
/// memory of N gradients; norms and products take that of a chunk's activations.
/// </remarks>
[<RequireQualifiedAccess>]
module PerExample =

    /// <summary>A network and its data.</summary>
    /// <param name="likelihood">how outputs and targets give a cost</param>
    /// <param name="network">the layers; their last output is [N, K]</param>
    /// <param name="inputs">x [N, …]</param>
    /// <param name="targets">y of the same N examples</param>
    /// <exception cref="T:System.ArgumentException">A target is out of range, an input not finite, a layer out of range, or their numbers differ.</exception>
    let ofNetwork (likelihood: Likelihood) (network: Network) (inputs: Tensor) (targets: Tensor) : ExampleProblem =
        Network.shapes network |> ignore

        { Problem = Problem.create likelihood (Network.predict network) inputs targets
          Network = Some network
          Forced = false }

    /// A model of which only the function is known: its gradients take a loop.
    let ofProblem (problem: Problem) : ExampleProblem = { Problem = problem; Network = None; Forced = false }

    /// The same by the loop over examples, whatever the layers: the oracle.
    let byLoop (problem: ExampleProblem) : ExampleProblem = { problem with Forced = true }

    let private requireChunk chunkSize =
        if chunkSize < 1 then
            invalidArg (nameof chunkSize) $"a chunk has at least one example, not {chunkSize}"

    /// What some examples' taps hold: parametric layers with their parameter's index, inputs a and δ.
    let private taps (problem: Problem) network (w: Tensor[]) =
        Network.requireParameters network w
        let found = ResizeArray()

        let outputs, _ =
            Network.run
                (fun layer at a z ->
                    found.Add(layer, at, a, z)
                    z)
                network
                w
                0
                problem.Inputs

        // checks the outputs' shape against the targets before anything is differentiated
        Likelihood.costs problem.Likelihood outputs problem.Targets |> ignore

        // zeros added to the outputs: the derivative with respect to them is ∂Σℓ/∂z, whose row i is ∂ℓᵢ/∂z
        let zeros = [| for _, _, _, (z: Tensor) in found -> z.zerosLike () |]

        let deltas =
            zeros
            |> dsharp.grads (fun zeros ->
                let mutable next = 0

                let tapped, _ =
                    Network.run
                        (fun _ _ _ z ->
                            let with' = z + zeros[next]
                            next <- next + 1
                            with')
                        network
                        w
                        0
                        problem.Inputs

                (Likelihood.costs problem.Likelihood tapped problem.Targets).sum())

        [ for i in 0 .. found.Count - 1 ->
              let layer, at, a, _ = found[i]
              layer, at, a, deltas[i] ]

    let private oneByOne (problem: Problem) (w: Tensor[]) (f: Tensor[] -> Tensor) =
        [| for i in 0 .. problem.Count - 1 -> dsharp.scope (fun () -> f (dsharp.grads (Problem.exampleLoss i problem) w)) |]
        |> dsharp.stack

    /// Chunk by chunk, by taps or by the loop.
    let private chunked chunkSize (examples: ExampleProblem) (w: Tensor[]) byTaps (byLoop: Tensor[] -> Tensor) =
        requireChunk chunkSize

        dsharp.scope (fun () ->
            [| for first in 0..chunkSize .. examples.Count - 1 ->
                   dsharp.scope (fun () ->
                       let rows = seq { first .. min examples.Count (first + chunkSize) - 1 }
                       let part = Problem.select rows examples.Problem

                       match examples.Way, examples.Network with
                       | PerExampleWay.Taps, Some network -> byTaps (taps part network w)
                       | _ -> oneByOne part w byLoop) |]
            |> fun parts -> dsharp.cat (parts, dim = 0))

    /// <summary>All gradients, [N, p], p the number of all parameters.</summary>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">A parameter, input or output does not fit, or the chunk is empty.</exception>
    let gradients (chunkSize: int) (examples: ExampleProblem) (w: Tensor[]) : Tensor =
        chunked
            chunkSize
            examples
            w
            (fun taps -> dsharp.cat (taps |> List.map (fun (layer, _, a, delta) -> LayerRules.gradients layer a delta), dim = 1))
            Parameters.flatten

    /// <summary>‖g_i‖² of all examples, [N], without the gradients.</summary>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">A parameter, input or output does not fit, or the chunk is empty.</exception>
    let squaredNorms (chunkSize: int) (examples: ExampleProblem) (w: Tensor[]) : Tensor =
        chunked
            chunkSize
            examples
            w
            (fun taps -> taps |> List.map (fun (layer, _, a, delta) -> LayerRules.squaredNorms layer a delta) |> List.reduce (+))
            Parameters.squaredNorm

    /// <summary>⟨g_i, v⟩ of all examples, [N], without the gradients.</summary>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="v">a vector of the parameters' shapes</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">A parameter, input or output does not fit, v has other shapes, or the chunk is empty.</exception>
    let products (chunkSize: int) (v: Tensor[]) (examples: ExampleProblem) (w: Tensor[]) : Tensor =
        if v.Length <> w.Length || Array.exists2 (fun (a: Tensor) (b: Tensor) -> a.shape <> b.shape) v w then
            invalidArg (nameof v) "a vector has the shapes of the parameters"

        chunked
            chunkSize
            examples
            w
            (fun taps -> taps |> List.map (fun (layer, at, a, delta) -> LayerRules.products layer v[at] a delta) |> List.reduce (+))
            (Parameters.dot v)

    /// <summary>Σ_i v_i·g_i: the gradient of a weighted sum of costs, as one vector [p].</summary>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="weights">v, [N]</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">The weights are not N, or the chunk is empty.</exception>
    let combination (chunkSize: int) (weights: Tensor) (examples: ExampleProblem) (w: Tensor[]) : Tensor =
        requireChunk chunkSize

        if weights.dim <> 1 || weights.nelement <> examples.Count then
            invalidArg (nameof weights) $"{examples.Count} examples have as many weights, not {List.ofArray weights.shape}"

        dsharp.scope (fun () ->
            [| for first in 0..chunkSize .. examples.Count - 1 ->
                   dsharp.scope (fun () ->
                       let last = min examples.Count (first + chunkSize) - 1
                       let part = Problem.select (seq { first..last }) examples.Problem
                       let v = weights[first..last]
                       dsharp.grads (fun w -> (Problem.costs part w * v).sum()) w |> Parameters.flatten) |]
            |> Array.reduce (+))

    /// <summary>‖G‖², Γ and tr Σ of all N examples from their norms and one gradient of the mean: exact, and in the memory of a chunk.</summary>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <returns>the moments, or that N is below 2 or a gradient not finite</returns>
    let moments (chunkSize: int) (examples: ExampleProblem) (w: Tensor[]) : Result<GradientMoments, NoiseError> =
        if examples.Count < 2 then
            Error(NoiseError.TooFew examples.Count)
        else
            dsharp.scope (fun () ->
                let norms = (squaredNorms chunkSize examples w).cast Dtype.Float64

                let uniform =
                    dsharp.full (examples.Count, 1.0 / float examples.Count, dtype = w[0].dtype, device = w[0].device)

                let mean = combination chunkSize uniform examples w
                FiniteSample.ofNorms (norms.toArray1D<float>()) (float ((mean * mean).sum())))
