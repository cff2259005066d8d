/// The stationary law of dw = μ dt + √(2D) dW, checked without running it: the probability flux J_i = μ_i p − Σ_j ∂_j(D_ij p) vanishes everywhere where the drift
/// is the one of detailed balance. Finite differences of plain functions; nothing here knows a sampler.
module NoiseScale.Theory.Tests.Sampling.FokkerPlanck

open System

/// A diffusion, the law it is claimed to have, and how the claim is scaled.
type Diffusion =
    {
        /// μ(w), [p]
        Drift: float[] -> float[]
        /// D(w), [p, p]: half the covariance of dw per unit of time
        Diffusion: float[] -> float[,]
        /// ln p(w), to a constant
        LogDensity: float[] -> float
    }

/// Weights of the central difference of order 8.
let private stencil = [| 4.0 / 5.0; -1.0 / 5.0; 4.0 / 105.0; -1.0 / 280.0 |]

/// ∂f/∂w_j by a central difference of order 8: with steps h the error is of order h⁸, and of order 1e-16/h of rounding.
let derivative step (f: float[] -> float) j (w: float[]) =
    let at k =
        let moved = Array.copy w
        moved[j] <- moved[j] + float k * step
        f moved

    (stencil |> Array.mapi (fun i c -> c * (at (i + 1) - at -(i + 1))) |> Array.sum) / step

let private step = 1e-2

/// J_i/p = μ_i − Σ_j (∂_j D_ij + D_ij ∂_j ln p), [p].
let relativeFlux (d: Diffusion) (w: float[]) : float[] =
    let matrix = d.Diffusion w
    let slope = Array.init w.Length (fun j -> derivative step d.LogDensity j w)
    let drift = d.Drift w

    Array.init w.Length (fun i ->
        drift[i]
        - Array.sum (Array.init w.Length (fun j -> derivative step (fun w -> (d.Diffusion w)[i, j]) j w + matrix[i, j] * slope[j])))

/// ∇·J/p = Σ_i (∂_i(J_i/p) + (J_i/p) ∂_i ln p): zero for every stationary law, also of a diffusion that circulates. Two differences deep: 1e-9 is what to expect.
let relativeDivergence (d: Diffusion) (w: float[]) : float =
    let flux = relativeFlux d w

    Array.sum (
        Array.init w.Length (fun i -> derivative step (fun w -> (relativeFlux d w)[i]) i w + flux[i] * derivative step d.LogDensity i w)
    )

/// Points to check at: uniform in a cube of half-width `reach`.
let points (seed: int) count dimension (reach: float) =
    let random = Random seed
    Array.init count (fun _ -> Array.init dimension (fun _ -> reach * (2.0 * random.NextDouble() - 1.0)))

/// max |J_i/p| over points.
let largestFlux (d: Diffusion) (at: float[][]) = at |> Seq.collect (relativeFlux d) |> Seq.map abs |> Seq.max

/// max |∇·J/p| over points.
let largestDivergence (d: Diffusion) (at: float[][]) = at |> Seq.map (relativeDivergence d >> abs) |> Seq.max
