namespace NoiseScale.Theory.Curvature

open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory

module internal Residuals =

    /// ∂(−ln p(yᵢ | zᵢ))/∂zᵢ of all examples, [N, K].
    let ofTargets likelihood (z: Tensor) (y: Tensor) : Tensor = dsharp.grad (fun z -> (Likelihood.costs likelihood z y).sum()) z

    /// u → r(r·u) of every example: the matrix rᵢrᵢᵀ, whose Jᵀ(…)J is the square of the example's gradient Jᵢᵀrᵢ.
    let outer (r: Tensor) (u: Tensor) : Tensor = r * (r * u).sum(1, keepDim = true)

/// <summary>The Fisher information of a model, F = Σᵢ E_{y ~ p(·|xᵢ,w)}[g gᵀ], g = ∇(−ln p(y | xᵢ, w)): the expectation is over the model's own
/// targets, exact. For these likelihoods it is the generalised Gauss–Newton matrix.</summary>
/// <remarks>Three Fisher matrices are called by one name in the literature and are not each other (Kunstner, Balles and Hennig 2019): here each is a
/// type.</remarks>
[<Source(Paper.Kunstner2019)>]
[<Sealed>]
type ModelFisher private (summed: SymmetricOperator, examples: int) =

    /// Σᵢ: of the summed cost.
    member _.Summed = summed
    /// (1/N) Σᵢ: of the mean cost.
    member _.Mean = SymmetricOperator.scale (1.0 / float examples) summed

    /// <summary>The Fisher information at a point.</summary>
    /// <param name="problem">model and inputs; the targets do not enter</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">There are no parameters, or the outputs are not [N, K].</exception>
    static member At(problem: Problem, w: Tensor[]) = ModelFisher(GaussNewton.ofSummedLoss problem w, problem.Count)

/// <summary>The Fisher information with its expectation replaced by draws: F = (1/S) Σ_s Σᵢ g_{is} g_{is}ᵀ, y_{is} ~ p(·|xᵢ, w). Its mean over seeds
/// is the model's.</summary>
[<Sealed>]
type MonteCarloFisher private (summed: SymmetricOperator, examples: int, draws: int, seed: int64) =

    /// Σᵢ: of the summed cost.
    member _.Summed = summed
    /// (1/N) Σᵢ: of the mean cost.
    member _.Mean = SymmetricOperator.scale (1.0 / float examples) summed
    /// S, the targets drawn for each example.
    member _.Draws = draws
    /// The seed they were drawn from.
    member _.Seed = seed

    /// <summary>The Fisher information of targets drawn once, here: every product uses the same.</summary>
    /// <param name="problem">model and inputs; the targets do not enter</param>
    /// <param name="w">the parameters</param>
    /// <param name="draws">S, at least 1</param>
    /// <param name="seed">of the draws</param>
    /// <exception cref="T:System.ArgumentException">There is no draw, there are no parameters, or the outputs are not [N, K].</exception>
    static member At(problem: Problem, w: Tensor[], draws: int, seed: int64) =
        if draws < 1 then
            invalidArg (nameof draws) $"there is at least one draw, not {draws}"

        let residuals =
            dsharp.scope (fun () ->
                let generator = Generator(seed, Device.CPU)
                let z = OutputSpace.outputs problem w

                [| for _ in 1..draws -> Residuals.ofTargets problem.Likelihood z (Likelihood.sample problem.Likelihood generator z) |])

        let middle _ (u: Tensor) = (residuals |> Array.map (fun r -> Residuals.outer r u) |> Array.reduce (+)) / float draws

        MonteCarloFisher(OutputSpace.sandwich problem w middle, problem.Count, draws, seed)

/// <summary>The "empirical Fisher" Σᵢ gᵢgᵢᵀ, gᵢ = ∇(−ln p(yᵢ | xᵢ, w)) at the data's own targets: the second moment of per-example gradients. It is
/// no estimate of the Fisher information away from a model that fits.</summary>
[<Sealed>]
type EmpiricalFisher private (summed: SymmetricOperator, examples: int) =

    /// Σᵢ: of the summed cost.
    member _.Summed = summed
    /// (1/N) Σᵢ: of the mean cost.
    member _.Mean = SymmetricOperator.scale (1.0 / float examples) summed

    /// <summary>The second moment of the gradients at a point.</summary>
    /// <param name="problem">model and data</param>
    /// <param name="w">the parameters</param>
    /// <exception cref="T:System.ArgumentException">There are no parameters, or the outputs are not [N, K].</exception>
    static member At(problem: Problem, w: Tensor[]) =
        let residuals =
            dsharp.scope (fun () -> Residuals.ofTargets problem.Likelihood (OutputSpace.outputs problem w) problem.Targets)

        EmpiricalFisher(OutputSpace.sandwich problem w (fun _ u -> Residuals.outer residuals u), problem.Count)
