/// Properties with a seed that stays, and how numbers are compared.
module NoiseScale.Theory.Tests.Property

open System
open Expecto
open FsCheck

/// NOISESCALE_NIGHTLY=1: ten times the cases, from a new seed every time (a failure prints it).
let nightly = Environment.GetEnvironmentVariable "NOISESCALE_NIGHTLY" = "1"

let private seed = 20210126UL, 12177UL

/// A property over generated input: `body` returns where it holds and raises where it does not.
let property cases name (inputs: Arbitrary<'input>) (body: 'input -> unit) =
    let config =
        { FsCheckConfig.defaultConfig with
            maxTest = if nightly then 10 * cases else cases }

    let check = FSharp.Prop.forAll inputs body

    match Replay.seed with
    | None when nightly -> testPropertyWithConfig config name check
    | _ ->
        let first, second = Replay.seed |> Option.defaultValue seed
        testPropertyWithConfigStdGen (first, second, None) config name check

/// |actual − expected| ≤ tolerance·max(|actual|, |expected|); a NaN never agrees.
let close tolerance what (expected: float) (actual: float) =
    if not (expected = actual || abs (actual - expected) <= tolerance * max (abs expected) (abs actual)) then
        failtest $"{what}: expected {expected:R}, found {actual:R}"

/// The slope of log₂ y against the number of halvings of x: least squares over all points.
let slopeOfHalvings (errors: float list) =
    let points = errors |> List.mapi (fun i e -> float -i, Math.Log2 e)
    let meanX, meanY = points |> List.averageBy fst, points |> List.averageBy snd

    (points |> List.sumBy (fun (x, y) -> (x - meanX) * (y - meanY)))
    / (points |> List.sumBy (fun (x, _) -> (x - meanX) * (x - meanX)))

/// All orders of some items.
let rec permutations items =
    match items with
    | [] -> [ [] ]
    | _ ->
        [ for item in items do
              for rest in permutations (List.except [ item ] items) -> item :: rest ]

/// All sequences of some length of 0 … m−1.
let rec sequences m length =
    if length = 0 then
        [ [] ]
    else
        [ for rest in sequences m (length - 1) do
              for c in 0 .. m - 1 -> c :: rest ]
