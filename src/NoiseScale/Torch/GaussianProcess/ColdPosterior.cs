using DiffSharp;
using Microsoft.FSharp.Core;

namespace NoiseScale.Torch;

/// <summary>The test error of a classifier's posterior at a temperature.</summary>
/// <param name="Tempering">What is tempered, and T.</param>
/// <param name="CrossEntropy">−mean ln p(y | x, data) over the test examples, in nats, of all draws together.</param>
/// <param name="CrossEntropyError">Its standard error over chains.</param>
/// <param name="Accuracy">The part of the test examples whose likeliest label is right.</param>
/// <param name="AccuracyError">Its standard error over chains.</param>
/// <param name="Acceptance">Of the sampler's proposals.</param>
/// <param name="LogLikelihood">
/// Of the draws' Σᵢ ln p(yᵢ | fᵢ)/T, in nats: R̂ and effective sample sizes say whether the chains agree. Null where that cannot be told: fewer than 8 draws of each, or no
/// chain that moved.
/// </param>
public readonly record struct ColdPosteriorPoint(
    Tempering Tempering, double CrossEntropy, double CrossEntropyError, double Accuracy, double AccuracyError, double Acceptance, ChainSummary? LogLikelihood);

/// <summary>Test error against temperature, of classification with Gaussian processes by Hamiltonian Monte Carlo. (P5)</summary>
/// <remarks>
/// Where the likelihood is the labels' own the best T is 1, up to what the prior gets wrong; labels that are surer than the likelihood says ask for T &lt; 1.
/// </remarks>
public static class ColdPosterior
{
    /// <summary>The curve.</summary>
    /// <param name="kernel">k, of every class's function.</param>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="likelihood">How the model believes that the training labels came about.</param>
    /// <param name="predicted">How the test labels come about.</param>
    /// <param name="temperings">What is tempered, and at which T; at least one.</param>
    /// <param name="training">Inputs [n, d] and int64 labels [n].</param>
    /// <param name="test">Likewise.</param>
    /// <param name="chains">Chains side by side, at least 2 for standard errors.</param>
    /// <param name="draws">Kept of each.</param>
    /// <param name="seed">Of everything random.</param>
    /// <param name="progress">Told how many points are done; may be null.</param>
    /// <returns>A point for each, in their order.</returns>
    /// <exception cref="ArgumentException">A number, a label or a shape breaks its rule; says which.</exception>
    /// <exception cref="GaussianProcessException">The covariance has no Cholesky factor, or the chains stopped.</exception>
    public static IReadOnlyList<ColdPosteriorPoint> Curve(
        ProcessKernel kernel, int classes, LabelModel likelihood, LabelModel predicted, IReadOnlyList<Tempering> temperings, (Tensor Inputs, Tensor Labels) training,
        (Tensor Inputs, Tensor Labels) test, int chains = 16, int draws = 100, long seed = 0, IProgress<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(likelihood);
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(temperings);
        if (temperings.Count == 0)
            throw new ArgumentException("a curve has at least one temperature", nameof(temperings));

        var basic = Processes.ChainSettings.Default;
        var settings = new Processes.ChainSettings(chains, basic.WarmUp, draws, basic.Thin, seed);
        List<ColdPosteriorPoint> points = [];
        foreach (var tempering in temperings)
        {
            points.Add(TheoryScope.Run(() =>
            {
                var found = Processes.ColdPosterior.curve(
                    Processes.LatentSampler.NewHamiltonian(Processes.HamiltonianSettings.Default), settings, kernel.Core, classes, likelihood.ToCore, predicted.ToCore,
                    [tempering.ToCore()], Data(training), Data(test));
                return found.IsOk ? Of(tempering, found.ResultValue[0]) : throw new GaussianProcessException(found.ErrorValue);
            }));
            progress?.Report(points.Count);
        }

        return points;
    }

    private static ColdPosteriorPoint Of(Tempering tempering, Processes.ColdPosteriorPoint point) => new(
        tempering, point.CrossEntropy.Value, point.CrossEntropy.StandardError, point.Accuracy.Value, point.Accuracy.StandardError, point.Acceptance,
        point.LogLikelihood.IsOk ? ChainSummary.Of(point.LogLikelihood.ResultValue) : null);

    private static Processes.LabelledData Data((Tensor Inputs, Tensor Labels) examples) =>
        new(TorchTensors.Wrap(examples.Inputs.detach().to(torch.ScalarType.Float64)), TorchTensors.Wrap(examples.Labels));
}
