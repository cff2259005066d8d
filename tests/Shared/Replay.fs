/// The cases of a property test, again: what a failure printed as "Original seed", typed into an environment variable.
module Replay

open System

/// NOISESCALE_SEED=a,b: the seed of the run that printed "Original seed: (aUL, bUL)", to be used with the filter of one property; none where it is not set.
let seed =
    match Environment.GetEnvironmentVariable "NOISESCALE_SEED" with
    | null
    | "" -> None
    | text ->
        let numbers = text.Split ',' |> Array.map (fun number -> UInt64.Parse(number.Trim().TrimEnd('U', 'L')))
        Some(numbers[0], numbers[1])
