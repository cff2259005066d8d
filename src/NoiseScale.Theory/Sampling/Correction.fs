namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open DiffSharp

/// <summary>Which terms in the derivatives of the metric a sampler's drift has. They decide the measure that its density e^{−C/T} is a density of.</summary>
/// <remarks>
/// In components, per unit time, with T the temperature:
/// a·T·Σ_j (G⁻¹ ∂_jG G⁻¹)_ij + b·T·Σ_j G⁻¹_ij tr(G⁻¹ ∂_jG).
/// Since Σ_j ∂_j(G⁻¹)_ij = −Σ_j (G⁻¹ ∂_jG G⁻¹)_ij, only a = −1 makes the flux of e^{−C/T} vanish (with b = 0), and b = ½ adds the factor
/// |det G|^{1/2}. The paper prints the first term with the other sign: (+, +½) in Eq. 2, (+, −½) in Eq. 6, (+, 0) in Eq. 7. Those leave neither
/// density stationary; a test shows it.
/// </remarks>
[<Struct>]
type Correction =
    internal
        {
            /// a, of Σ_j (G⁻¹ ∂_jG G⁻¹)_ij
            Divergence: float
            /// b, of Σ_j G⁻¹_ij tr(G⁻¹ ∂_jG)
            LogDeterminant: float
        }

    /// <summary>None: right for a metric that does not change, and what the paper ran with one that does. (P3 Thm 1, Eq. 5)</summary>
    [<Source(Paper.P3, "Thm 1, Eq. 5")>]
    static member None = { Divergence = 0.0; LogDeterminant = 0.0 }

    /// <summary>(−1, 0): the density is e^{−C/T} itself, over the uniform measure. (P3 Thm 3; printed with the wrong sign in Eq. 7)</summary>
    [<Source(Paper.P3, "Thm 3")>]
    static member Uniform = { Divergence = -1.0; LogDeterminant = 0.0 }

    /// <summary>(−1, +½): the density is e^{−C/T}·|det G|^{1/2}, e^{−C/T} over the Jeffreys measure where G is the Fisher information. It is the same in
    /// every parametrisation. (P3 Thm 2 and Thm 5; printed with wrong signs in Eqs. 6 and 2)</summary>
    [<Source(Paper.P3, "Thm 2 and Thm 5")>]
    static member Jeffreys = { Divergence = -1.0; LogDeterminant = 0.5 }

    /// P3 Eq. 2 as printed, for the test that tells it from the right one.
    static member internal PrintedEq2 = { Divergence = 1.0; LogDeterminant = 0.5 }
    /// P3 Eq. 6 as printed.
    static member internal PrintedEq6 = { Divergence = 1.0; LogDeterminant = -0.5 }
    /// P3 Eq. 7 as printed.
    static member internal PrintedEq7 = { Divergence = 1.0; LogDeterminant = 0.0 }

    /// The exponent of |det G| in the density that the correction belongs to.
    member internal this.Exponent = this.LogDeterminant

/// How the divergence term is computed.
[<RequireQualifiedAccess>]
type DivergenceWay =
    /// p directional derivatives of the metric: exact. For a network an update then costs some 2p times one of natural gradient descent
    | Exact
    /// one directional derivative along each of some random directions y ~ N(0, G⁻¹): E[∂_y G·y] is the exact term, so steps stay right to first order in ε. A probe
    /// costs a few updates of natural gradient descent, whatever p
    | Probes of count: int

module internal Correction =

    let isNone (correction: Correction) = correction.Divergence = 0.0 && correction.LogDeterminant = 0.0

    /// g_j = tr(A ∂_jG), [chains, p], A constant: one reverse pass.
    let traces (field: MetricField) (w: Tensor) (a: Tensor) : Tensor =
        match field.Derivative with
        | Some derivative -> (derivative w * a.unsqueeze 1).sum(3).sum 2
        | None -> dsharp.grad (fun w -> (field.Matrix w * a).sum()) w

    /// ∂_y(G·c) of every chain, [chains, p], c constant.
    let private along (field: MetricField) (w: Tensor) (c: Tensor) (y: Tensor) : Tensor =
        let f (flat: Tensor) = (field.Times (flat.view w.shape) c).view -1
        (dsharp.jacobianv f (w.view -1) (y.reshape [ -1 ])).view w.shape

    /// v_a = Σ_j (∂_jG A)_aj, [chains, p], A constant.
    let divergence (field: MetricField) (w: Tensor) (a: Tensor) : Tensor =
        let p = w.shape[1]
        let a = a.expand [ w.shape[0]; p; p ]

        match field.Derivative with
        | Some derivative ->
            // ∂_kG_ab A_bk, summed over b and k
            (derivative w * (a.transpose (1, 2)).unsqueeze 2).sum(3).sum 1
        | None ->
            let term (j: int) = along field w (a[*, *, j]) ((dsharp.onehot (p, j, w.dtype, w.device)).expand w.shape)

            Seq.init p term |> Seq.reduce (fun sum next -> dsharp.scope (fun () -> sum + next))

    /// The mean over probes of ∂_yG·y, y = L⁻ᵀξ.
    let probedDivergence (field: MetricField) (w: Tensor) (directions: Tensor list) : Tensor =
        (directions |> List.map (fun y -> along field w y y) |> List.reduce (+)) / float directions.Length

    /// a·v + b·g, before G⁻¹ is applied to it: the drift per unit time is T·G⁻¹ of this.
    let covector (correction: Correction) (divergenceAt: Tensor -> Tensor) (field: MetricField) (w: Tensor) (inverse: Tensor) : Tensor =
        let divergence () = correction.Divergence * divergenceAt inverse
        let traces () = correction.LogDeterminant * traces field w inverse

        match correction.Divergence = 0.0, correction.LogDeterminant = 0.0 with
        | true, true -> w.zerosLike ()
        | true, false -> traces ()
        | false, true -> divergence ()
        | false, false -> divergence () + traces ()
