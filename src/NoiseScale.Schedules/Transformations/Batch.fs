namespace NoiseScale.Schedules

open NoiseScale.Sources

/// How a batch curve moves when the noise per learning rate is to change by a factor, in the two forms of the noise scale.
/// In the linear form g ∝ 1/B; in the exact one g ∝ u = 1/B − 1/N, so that u takes the factor and B ≤ N stays true by itself.
module internal Batch =
    /// The batch whose noise is `growth` times smaller: growth·B, or N·B/(B + (N − B)/growth).
    let grow form (n: float) growth batch =
        match form with
        | _ when growth = Curve.constant 1.0 -> batch
        | Form.Linear -> Curve.product batch growth
        | Form.Exact ->
            let value b a = min n (n * b / (b + (n - b) / a))

            let general b a =
                let rest = Curve.product (Curve.sum (Curve.constant n) (Curve.scale -1.0 b)) (Curve.reciprocal a)
                Curve.quotient (Curve.scale n b) (Curve.sum b rest)

            Curve.zipWith value general batch growth

    /// How many times smaller the noise of a batch c is than that of b: c/b, or c·(N − b)/(b·(N − c)).
    let growth form (n: float) (b: float) (c: float) =
        match form with
        | Form.Linear -> c / b
        | Form.Exact -> (c * (n - b)) / (b * (n - c))

    /// `growth` from one batch curve to another.
    let growthBetween form (n: float) before after =
        match form with
        | Form.Linear -> Curve.quotient after before
        | Form.Exact ->
            let complement curve = Curve.sum (Curve.constant n) (Curve.scale -1.0 curve)
            let general b c = Curve.quotient (Curve.product c (complement b)) (Curve.product b (complement c))
            Curve.zipWith (growth form n) general before after

    let private constantRatio before after =
        match Curve.quotient after before, after with
        | Curve.Constant k, _ -> Some k
        | _, Curve.Scale(k, inner) when inner = before -> Some k
        | _ when before = after -> Some 1.0
        | _ -> None

    /// The schedule with another batch curve, its weight averaging keeping its horizon in data: ρ → ρ^k when the batch grows k times
    /// (Busbridge et al. 2023); where the growth is not one number, the old batch becomes the reference of ρ.
    [<Source(Paper.Busbridge2023)>]
    let replace batch (schedule: Schedule) =
        let keepHorizon (averaging: WeightAveraging) =
            let reference = averaging.ReferenceBatch |> Option.defaultValue schedule.BatchSize

            match constantRatio reference batch with
            | Some k -> { Momentum = Smooth.power k averaging.Momentum; ReferenceBatch = None }
            | None -> { averaging with ReferenceBatch = Some reference }

        schedule
        |> Schedule.withAveraging (schedule.Averaging |> Option.map keepHorizon)
        |> Result.bind (Schedule.withBatchSize batch)
