/// The laws of the theory with their sources.
module NoiseScale.Theory.Tests.CitationTests

open System
open System.Reflection
open Expecto
open NoiseScale.Sources
open NoiseScale.Theory.Sampling

let private assembly = typeof<Target>.Assembly

/// Modules without a law of a paper: what they are instead.
let private withoutLaw =
    dict
        [ "Parameters", "arithmetic of parameter lists"
          "Potential", "which terms are gradients: derived here"
          "DerivationModule", "the derivation put into words"
          "EstimateModule", "numbers with standard errors"
          "SymmetricOperatorModule", "matrices as functions"
          "GaussNewton", "numerics of matrices"
          "Diagonal", "numerics of matrices"
          "Trace", "numerics of matrices"
          "TridiagonalModule", "numerics of matrices"
          "Lanczos", "numerics of matrices"
          "Eigenpairs", "numerics of matrices"
          "SpectralMeasureModule", "numerics of matrices"
          "LogDeterminant", "numerics of matrices"
          "Dense", "numerics of matrices"
          "ConjugateGradients", "numerics of matrices"
          "PerExampleGram", "numerics of matrices"
          "RunningNoiseModule", "averages over measurements"
          "GramStatistics", "sums over pairs of gradients"
          "LayerModule", "what a layer is"
          "NetworkModule", "what a network is"
          "PerExample", "gradients of single examples, by rules of differentiation"
          "CovarianceSpectrumModule", "the spectrum of a matrix"
          "TailIndex", "statistics of tails"
          "LinearModelModule", "what a linear model is"
          "ConvexSolver", "minimisation"
          "DrawsModule", "draws as a table"
          "KineticTemperatureModule", "a mean with its interval"
          "SamplingFaultModule", "words for errors"
          "ChainModelModule", "what a sampled model is"
          "Chains", "runs of a sampler"
          "FactorModule", "a Cholesky factor"
          "LatentPosteriorModule", "what is sampled"
          "PowerLaw", "a fit, with its interval" ]

let private has (m: MemberInfo) = m.GetCustomAttributes<SourceAttribute>() |> Seq.isEmpty |> not

let private isSourced (t: Type) = has t || t.GetMembers() |> Array.exists has

let private modules =
    assembly.GetExportedTypes() |> Array.filter (fun t -> t.IsAbstract && t.IsSealed && not t.IsNested)

/// A module's own sources, or those of the type whose name it shares.
let private stated (m: Type) =
    isSourced m
    || (m.Name.EndsWith "Module"
        && match assembly.GetType $"{m.Namespace}.{m.Name[.. m.Name.Length - 7]}" with
           | null -> false
           | t -> isSourced t)

let tests =
    testList
        "citations"
        [ testCase "every module that states laws carries their sources" (fun () ->
              let bare =
                  [ for m in modules do
                        if not (stated m || withoutLaw.ContainsKey m.Name) then
                            m.Name ]

              Expect.equal bare [] "modules with neither a source nor a reason for having none")
          testCase "no reason is given for a module that has sources, or that is none" (fun () ->
              let idle =
                  [ for name in withoutLaw.Keys do
                        if modules |> Array.forall (fun m -> m.Name <> name || stated m) then
                            name ]

              Expect.equal idle [] "reasons without a use")
          testCase "documentation and attributes name the same papers" (fun () ->
              Expect.equal (SourceCoverage.undeclared assembly) [] "sources that only the documentation names")
          testCase "every source names a known paper" (fun () ->
              let laws = Citations.ofAssembly assembly
              Expect.isGreaterThan laws.Length 60 "laws of this room"

              for law in laws do
                  Expect.isNonEmpty (Bibliography.find law.Paper).Authors law.Law

              for paper in [ Paper.P2; Paper.P3; Paper.P5; Paper.P6 ] do
                  Expect.isTrue (laws |> List.exists (fun law -> law.Paper = paper)) $"a law of {paper}") ]
