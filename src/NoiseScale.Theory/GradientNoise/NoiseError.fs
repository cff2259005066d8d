namespace NoiseScale.Theory.GradientNoise

/// Why gradients give no noise scale.
[<RequireQualifiedAccess>]
type NoiseError =
    /// a covariance needs at least two gradients; how many there were
    | TooFew of count: int
    /// a gradient, norm or estimate is NaN or infinite, as after an overflow; says which
    | NotFinite of what: string
    /// all gradients are 0: the noise scale would be 0/0
    | ZeroGradient
    /// GᵀMG is not significantly positive and the policy is to refuse; the estimate and its standard error
    | DenominatorNotPositive of estimate: float * standardError: float

    /// The error as a sentence.
    override this.ToString() =
        match this with
        | TooFew count -> $"a covariance needs at least 2 gradients, not {count}"
        | NotFinite what -> $"{what} is not finite"
        | ZeroGradient -> "all gradients are 0, so noise and signal are both 0 and their ratio is not defined"
        | DenominatorNotPositive(estimate, standardError) ->
            $"the squared norm of the gradient, {estimate} with a standard error of {standardError}, cannot be told from 0; more measurements or larger batches can"
