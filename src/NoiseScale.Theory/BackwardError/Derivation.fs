namespace NoiseScale.Theory.BackwardError

open System.Text

/// <summary>A modified equation derived to an order, with the modified loss as far as there is one; it prints itself.</summary>
type Derivation =
    {
        /// the optimizer's modified equation
        Equation: ModifiedEquation
        /// the order: terms up to ε^(order−1)
        Order: int
        /// the field's terms
        Field: Term list
        /// the modified loss, to the highest order up to which the field is a gradient
        Loss: LossTerm list
        /// the order at which the field stops being a gradient, and the two rootings that show it; None where it is one to this order
        NotGradient: (int * Asymmetry) option
    }

/// Deriving modified equations and losses, and writing them down.
[<RequireQualifiedAccess>]
module Derivation =

    /// <summary>Derives the modified equation of an optimizer to an order.</summary>
    /// <param name="equation">one of <c>ModifiedEquation</c>'s, or one of your own</param>
    /// <param name="order">1 or more; the terms are those up to ε^(order−1)</param>
    /// <exception cref="T:System.ArgumentOutOfRangeException">The equation is not known to that order.</exception>
    let derive (equation: ModifiedEquation) (order: int) =
        let rec losses n found =
            if n > order then
                found, None
            else
                match Potential.ofTerms equation.Fields (equation.Terms n) with
                | Ok terms -> losses (n + 1) (found @ terms)
                | Error asymmetry -> found, Some(n, asymmetry)

        let field = equation.UpTo order
        let loss, notGradient = losses 1 []

        { Equation = equation
          Order = order
          Field = field
          Loss = loss
          NotGradient = notGradient }

    let private times factor text = if factor = "" then text else factor + " " + text

    let private terms latex write (items: (Tree * Coefficient) list) =
        items
        |> List.map (fun (tree, coefficient) ->
            let negative, factor = Notation.factor latex (tree.Order - 1) coefficient
            negative, times factor (write tree))

    let private fieldTerms latex derivation =
        derivation.Field
        |> List.map (fun term -> term.Tree, term.Coefficient)
        |> terms latex (Notation.field latex derivation.Equation.Fields)

    let private lossTerms latex derivation =
        derivation.Loss
        |> List.map (fun term -> term.Tree, term.Coefficient)
        |> terms latex (Notation.scalar latex derivation.Equation.Fields)

    let private meaning (fields: Fields) =
        match fields with
        | Fields.One -> "f = −∇C"
        | Fields.Minibatches m -> $"f₀, f₁, … = −∇Ĉ₀, −∇Ĉ₁, … of the {m} minibatches"
        | Fields.Exchangeable ->
            "f_i = −∇Ĉ_i of minibatch i, f their mean, ⟨ ⟩ the mean over minibatches; the mean over the order of the data"

    let private whyNot latex derivation =
        derivation.NotGradient
        |> Option.map (fun (order, { First = tree, share; Second = other, otherShare }) ->
            let name = Notation.field latex derivation.Equation.Fields

            let size coefficient =
                let negative, size = CoefficientText.signed latex coefficient in (if negative then "−" else "") + size

            order, name tree, size share, name other, size otherShare)

    /// <summary>The derivation in text: the equation, each term beside its tree, the modified loss, and where it ends.</summary>
    let toText (derivation: Derivation) =
        let fields = derivation.Equation.Fields
        let text = StringBuilder()
        let line (s: string) = text.Append(s).Append('\n') |> ignore
        line $"{derivation.Equation.Name}, to order {derivation.Order}: dw/dt with t = ε · updates, {meaning fields}"
        line ""
        let written = fieldTerms false derivation
        let width = written |> Seq.map (fun (_, term) -> term.Length) |> Seq.append [ 0 ] |> Seq.max

        List.iter2
            (fun (negative, term: string) (source: Term) ->
                line $"""  {if negative then "−" else "+"} {term.PadRight width}   {Notation.tree false fields source.Tree}""")
            written
            derivation.Field

        line ""
        line $"modified loss: C̃ = {Notation.sum (lossTerms false derivation)}"

        match whyNot false derivation with
        | None -> ()
        | Some(order, first, share, second, other) ->
            line ""

            line
                $"The terms of order {order} are no gradient, so there is no modified loss with them: {first} and {second} are rootings of one tree, for which a gradient needs equal coefficients for each node; these are {share} and {other}."

        string text

    /// <summary>The derivation in LaTeX: an aligned equation with the trees beside the terms, and the modified loss.</summary>
    let toLatex (derivation: Derivation) =
        let fields = derivation.Equation.Fields
        let text = StringBuilder()
        let line (s: string) = text.Append(s).Append('\n') |> ignore
        let minus (negative: bool) = if negative then "-" else "+"
        line $"%% {derivation.Equation.Name}, to order {derivation.Order}: {meaning fields}"
        line "\\begin{align*}"
        line "  \\dot w ={}&"

        List.iteri2
            (fun i (negative, term: string) (source: Term) ->
                let sign = if i = 0 && not negative then "" else minus negative + " "
                let last = i = derivation.Field.Length - 1

                line
                    $"""    {if i = 0 then "" else "& "}{sign}{term} && {Notation.tree true fields source.Tree}{if last then "" else " \\\\"}""")
            (fieldTerms true derivation)
            derivation.Field

        line "\\end{align*}"
        line "\\begin{equation*}"
        line $"  \\tilde C = {(Notation.sum (lossTerms true derivation)).Replace('−', '-')}"
        line "\\end{equation*}"

        match whyNot true derivation with
        | None -> ()
        | Some(order, first, share, second, other) ->
            line
                $"The terms of order {order} are no gradient: the coefficients for each node of ${first}$ and ${second}$, rootings of one tree, are ${share}$ and ${other}$."

        (string text).Replace('−', '-')
