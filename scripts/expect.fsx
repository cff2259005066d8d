/// What the pages of the guide use to print a number and to fail if it is not what the text says.
module Expect

/// The value of a result, or its error as a failure.
let orFail (result: Result<'value, 'error>) = result |> Result.defaultWith (fun error -> failwith $"{error}")

/// Prints a number, and fails unless it is the expected one to within an absolute tolerance.
let within (tolerance: float) (what: string) (actual: float) (expected: float) =
    printfn "%-52s %.6g" what actual

    if not (abs (actual - expected) <= tolerance) then
        failwith $"{what}: {actual:R}, where the page says {expected:R} ± {tolerance:g2}"

/// Prints a number, and fails unless it is the expected one to nine digits.
let show (what: string) (actual: float) (expected: float) = within (1e-9 * max 1.0 (abs expected)) what actual expected

/// Prints what is claimed, and fails unless it holds.
let holds (what: string) (claim: bool) =
    printfn "%-52s %s" what (if claim then "holds" else "DOES NOT HOLD")

    if not claim then
        failwith $"does not hold: {what}"
