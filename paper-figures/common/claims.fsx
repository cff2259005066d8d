// Claims: what the paper says, what we find, and whether it holds. A claim that fails is shown as failing.
#load "panel.fsx"

type Verdict =
    | Holds
    /// not established by the test, and not contradicted by it either
    | WithinBand
    | Fails
    | NotTestable

type Claim =
    {
        Claim: string
        /// the paper's value and where it stands there
        Paper: string
        /// our value, with its interval
        Ours: string
        Verdict: Verdict
    }

let verdictText verdict =
    match verdict with
    | Holds -> "holds"
    | WithinBand -> "within band"
    | Fails -> "fails"
    | NotTestable -> "not testable here"

let holdsIf condition = if condition then Holds else Fails

/// Something is above 0: its interval shows it, or only its mean says so.
let holdsAboveZero (low: float, mean: float) =
    if low > 0.0 then Holds
    elif mean > 0.0 then WithinBand
    else Fails
