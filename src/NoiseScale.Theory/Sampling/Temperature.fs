namespace NoiseScale.Theory.Sampling

open System
open NoiseScale.Sources
open NoiseScale.Schedules

/// Temperatures of samplers, the batch sizes that give them, and how their meanings convert.
[<RequireQualifiedAccess>]
module Temperature =

    /// <summary>A temperature that a sampler can have.</summary>
    /// <param name="temperature">T, 0 or more; 0 is optimisation, 1 the posterior</param>
    /// <returns>T itself, or <c>BadTemperature</c></returns>
    let check (temperature: PosteriorTemperature) : Result<PosteriorTemperature, SamplingFault> =
        if Double.IsFinite temperature.Value && temperature.Value >= 0.0 then
            Ok temperature
        else
            Error(SamplingFault.BadTemperature temperature.Value)

    /// <summary>The temperature at which minibatch natural gradient descent samples, T = (εN/2B)·(1 − B/N) = (ε/2)·(N/B − 1); linear, εN/(2B).
    /// (P3 Thm 4)</summary>
    /// <param name="form">exact, or linear for B ≪ N</param>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="learningRate">ε, of a cost averaged over examples</param>
    /// <param name="batchSize">B, 1 to N examples</param>
    [<Source(Paper.P3, "Thm 4")>]
    let ofBatch (form: Form) (trainingSetSize: int) (learningRate: float) (batchSize: int) : Result<PosteriorTemperature, SamplingFault> =
        Fault.check [ Fault.notNegative "learningRate" learningRate; Fault.batch batchSize trainingSetSize ]
        |> Result.map (fun () ->
            NoiseScale.ofParts form (float trainingSetSize) (float batchSize) learningRate |> NoiseScale.toPosteriorTemperature)

    /// <summary>The batch size, not rounded, that gives a temperature: B = N/(2T/ε + 1) exactly, εN/(2T) in the linear form. (P3 Thm 4)</summary>
    /// <param name="form">exact, or linear for B ≪ N</param>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="learningRate">ε, positive</param>
    /// <param name="temperature">T, 0 or more; the linear form has no batch for 0</param>
    /// <returns>B in examples, or the fault: in the linear form B may exceed N, in both it may fall below 1</returns>
    [<Source(Paper.P3, "Thm 4")>]
    let batchSizeFor
        (form: Form)
        (trainingSetSize: int)
        (learningRate: float)
        (temperature: PosteriorTemperature)
        : Result<float, SamplingFault> =
        check temperature
        |> Result.bind (fun t -> Fault.check [ Fault.positive "learningRate" learningRate ] |> Result.map (fun () -> t))
        |> Result.bind (fun t ->
            let batch =
                NoiseScale.batchSizeFor
                    form
                    (LanguagePrimitives.Int64WithMeasure(int64 trainingSetSize))
                    learningRate
                    (NoiseScale.ofPosteriorTemperature t)

            if batch > float trainingSetSize then
                Error(
                    SamplingFault.BadSetting(
                        "temperature",
                        t.Value,
                        $"the linear form asks for a batch of {batch} out of {trainingSetSize} examples; use the exact form"
                    )
                )
            elif batch < 1.0 then
                Error(
                    SamplingFault.BadSetting(
                        "temperature",
                        t.Value,
                        $"it would take a batch of {batch} examples; the hottest that batches of one give is {learningRate / 2.0 * float (trainingSetSize - 1)}: use a larger learning rate"
                    )
                )
            else
                Ok batch)

    /// <summary>The nearest whole batch size to a wanted temperature, B = [N/(2T/ε + 1)], as P3 rounds it, and the temperature it really gives. (P3 Fig. 6)</summary>
    /// <param name="trainingSetSize">N, examples</param>
    /// <param name="learningRate">ε, positive</param>
    /// <param name="temperature">T, 0 or more</param>
    [<Source(Paper.P3, "Fig. 6")>]
    let roundedBatchSizeFor
        (trainingSetSize: int)
        (learningRate: float)
        (temperature: PosteriorTemperature)
        : Result<int * PosteriorTemperature, SamplingFault> =
        batchSizeFor Form.Exact trainingSetSize learningRate temperature
        |> Result.bind (fun batch ->
            let rounded = int (Math.Round(batch, MidpointRounding.AwayFromZero))
            ofBatch Form.Exact trainingSetSize learningRate rounded |> Result.map (fun t -> rounded, t))

    /// <summary>Likelihood-only tempering as tempering of the whole posterior: p(y|w)^{1/T}·e^{−(λ/2)‖w‖²} = [p(y|w)·e^{−(Tλ/2)‖w‖²}]^{1/T}. The temperature
    /// stays and the prior's precision becomes Tλ.</summary>
    /// <param name="temperature">T of the likelihood</param>
    /// <param name="lambda">λ, the prior's precision</param>
    let ofLikelihood (temperature: LikelihoodTemperature) (lambda: float) : PosteriorTemperature * float =
        PosteriorTemperature temperature.Value, temperature.Value * lambda

    /// <summary>Tempering of the whole posterior as likelihood-only tempering: the inverse of <c>ofLikelihood</c>, with precision λ/T.</summary>
    /// <param name="temperature">T of the posterior, positive</param>
    /// <param name="lambda">λ, the prior's precision</param>
    let toLikelihood (temperature: PosteriorTemperature) (lambda: float) : LikelihoodTemperature * float =
        LikelihoodTemperature temperature.Value, lambda / temperature.Value
