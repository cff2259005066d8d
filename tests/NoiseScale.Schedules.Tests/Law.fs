namespace NoiseScale.Schedules.Tests

open System
open FsCheck
open FsCheck.FSharp
open Expecto

/// What a law raises where it does not hold, so that a broken law is told from a crash.
type LawBroken(message: string) =
    inherit Exception(message)

/// A law: a property of whatever implementation it is given.
type Law = { Name: string; Check: Algebra -> Property }

/// What FsCheck says of a property.
type Verdict =
    | Holds
    | Falsified of string
    | Crashed of exn
    | Exhausted

[<RequireQualifiedAccess>]
module Law =
    /// NOISESCALE_NIGHTLY=1: twenty times the cases, from a new seed every time (a failure prints it).
    let nightly = Environment.GetEnvironmentVariable "NOISESCALE_NIGHTLY" = "1"

    let private cases = if nightly then 2000 else 100

    /// By default the same cases in every run: a change that turns a law red is the change just made.
    let private seed = 20181711UL, 489UL

    /// A law over generated input: `body` returns where the law holds and raises where it does not.
    let forAll name (inputs: Arbitrary<'input>) (body: Algebra -> 'input -> unit) =
        { Name = name; Check = fun algebra -> Prop.forAll inputs (body algebra) }

    /// Raises unless the condition holds.
    let require condition (message: unit -> string) =
        if not condition then
            raise (LawBroken(message ()))

    /// Raises unless |actual − expected| ≤ tolerance; a NaN never agrees.
    let within (tolerance: float) what (expected: float) (actual: float) =
        if not (actual = expected || abs (actual - expected) <= tolerance) then
            raise (
                LawBroken $"{what ()}: expected {expected:R}, found {actual:R}, {abs (actual - expected):R} apart, allowed {tolerance:R}"
            )

    /// Raises unless the two numbers agree relatively.
    let close (relative: float) what (expected: float) (actual: float) =
        within (relative * max (abs expected) (abs actual)) what expected actual

    /// The test that an implementation obeys a law.
    let test algebra law =
        let config = { FsCheckConfig.defaultConfig with maxTest = cases }

        match Replay.seed with
        | None when nightly -> testPropertyWithConfig config law.Name (law.Check algebra)
        | _ ->
            let first, second = Replay.seed |> Option.defaultValue seed
            testPropertyWithConfigStdGen (first, second, None) config law.Name (law.Check algebra)

    /// What FsCheck finds when it tries to falsify a law for an implementation.
    let verdict algebra law =
        let found = ref Exhausted

        let runner =
            { new IRunner with
                member _.OnStartFixture _ = ()
                member _.OnArguments(_, _, _) = ()
                member _.OnShrink(_, _) = ()

                member _.OnFinished(_, result) =
                    found.Value <-
                        match result with
                        | TestResult.Passed _ -> Holds
                        | TestResult.Failed(_, _, _, Outcome.Failed(:? LawBroken as broken), _, _, _) -> Falsified broken.Message
                        | TestResult.Failed(_, _, _, Outcome.Failed error, _, _, _) -> Crashed error
                        | TestResult.Failed _ -> Crashed(InvalidOperationException "no reason given")
                        | TestResult.Exhausted _ -> Exhausted }

        let config =
            Config.Quick.WithMaxTest(cases).WithReplay(Some { Rnd = Rnd(fst seed, snd seed); Size = None }).WithRunner(runner)

        Check.One(config, law.Check algebra)
        found.Value
