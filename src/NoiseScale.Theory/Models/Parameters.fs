namespace NoiseScale.Theory

open DiffSharp

/// <summary>A loss: a pure function of the parameters, which are one or more tensors of any shapes, to a single number.</summary>
type Loss = Tensor[] -> Tensor

/// The parameters of a model, and vectors of their shapes.
[<RequireQualifiedAccess>]
module Parameters =

    /// ⟨a, b⟩, over all tensors.
    let dot (a: Tensor[]) (b: Tensor[]) : Tensor =
        if a.Length = 0 || a.Length <> b.Length then
            invalidArg (nameof b) $"there is at least one tensor of parameters, and one of the other for each: {a.Length} and {b.Length}"

        Array.map2 (fun (a: Tensor) (b: Tensor) -> (a * b).sum()) a b |> Array.reduce (+)

    /// ‖a‖².
    let squaredNorm (a: Tensor[]) : Tensor = dot a a

    /// a + k·b.
    let addScaled (k: float) (a: Tensor[]) (b: Tensor[]) : Tensor[] = Array.map2 (fun (a: Tensor) (b: Tensor) -> a + b * k) a b

    /// k·a.
    let scale (k: float) (a: Tensor[]) : Tensor[] = a |> Array.map (fun (a: Tensor) -> a * k)

    /// 0, in the shapes of a.
    let zerosLike (a: Tensor[]) : Tensor[] = a |> Array.map (fun (a: Tensor) -> a.zerosLike ())

    /// <summary>The mean of losses.</summary>
    /// <exception cref="T:System.ArgumentException">There is none.</exception>
    let mean (losses: Loss[]) : Loss =
        match losses with
        | [||] -> invalidArg (nameof losses) "there is at least one loss"
        | [| loss |] -> loss
        | _ -> fun w -> (losses |> Array.map (fun loss -> loss w) |> Array.reduce (+)) / float losses.Length

    /// A loss of one tensor as a loss of several.
    let ofOne (loss: Tensor -> Tensor) : Loss = fun w -> loss w[0]

    /// The number of all parameters.
    let count (a: Tensor[]) : int = a |> Array.sumBy _.nelement

    /// <summary>All tensors one after the other, as one vector.</summary>
    /// <exception cref="T:System.ArgumentException">There is none.</exception>
    let flatten (a: Tensor[]) : Tensor =
        match a with
        | [||] -> invalidArg (nameof a) "there is at least one tensor of parameters"
        | [| a |] -> a.view -1
        | _ -> dsharp.cat (a |> Array.map (fun (a: Tensor) -> a.view -1))

    /// <summary>A vector cut into tensors of the shapes of others: the inverse of <c>flatten</c>.</summary>
    /// <param name="like">gives the shapes</param>
    /// <param name="vector">as long as all of them together</param>
    /// <exception cref="T:System.ArgumentException">It is not as long.</exception>
    let unflatten (like: Tensor[]) (vector: Tensor) : Tensor[] =
        let sizes = like |> Array.map _.nelement

        if vector.dim <> 1 || vector.nelement <> Array.sum sizes then
            invalidArg
                (nameof vector)
                $"a vector of {Array.sum sizes} parameters was expected, not a tensor of {vector.nelement} in {vector.dim} dimensions"

        Array.map2 (fun (part: Tensor) (shape: Tensor) -> part.view shape.shape) (vector.split sizes) like
