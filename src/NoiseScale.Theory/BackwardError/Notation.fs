namespace NoiseScale.Theory.BackwardError

open System

/// How elementary differentials and the terms of losses are written, in text and in LaTeX.
module internal Notation =

    let private superscript n = string n |> String.map (fun digit -> "⁰¹²³⁴⁵⁶⁷⁸⁹"[int digit - int '0'])
    let private subscript n = string n |> String.map (fun digit -> "₀₁₂₃₄₅₆₇₈₉"[int digit - int '0'])

    let private letter shared = if shared <= 3 then string "ijk".[shared - 1] else $"i{shared}"

    /// The index of a field: a minibatch's number, or a letter where the mean is taken over it.
    let private index latex fields colour =
        match fields with
        | Fields.One -> ""
        | Fields.Minibatches _ when latex -> $"_{{{colour}}}"
        | Fields.Minibatches _ -> subscript colour
        | Fields.Exchangeable when colour = 0 -> ""
        | Fields.Exchangeable when latex -> $"_{{{letter colour}}}"
        | Fields.Exchangeable -> "_" + letter colour

    /// The mean over the minibatches that share a letter.
    let private mean latex fields tree (text: string) =
        if fields <> Fields.Exchangeable || Tree.colours tree |> List.forall ((=) 0) then
            text
        elif latex then
            $"\\left\\langle {text} \\right\\rangle"
        else
            $"⟨{text}⟩"

    let private separate (texts: string list) = String.Join(", ", texts)

    let private primes latex count =
        match count with
        | 0 -> ""
        | 1 when latex -> "'"
        | 1 -> "′"
        | 2 when latex -> "''"
        | 2 -> "″"
        | 3 when latex -> "'''"
        | 3 -> "‴"
        | n when latex -> $"^{{({n})}}"
        | n -> $"⁽{superscript n}⁾"

    /// F(τ): f, f′f, f″(f, f), …
    let field latex fields (tree: Tree) =
        let rec write (t: Tree) =
            let own =
                "f"
                + (if latex then
                       primes latex t.Children.Length + index latex fields t.Colour
                   else
                       index latex fields t.Colour + primes latex t.Children.Length)

            match t.Children with
            | [] -> own
            | [ child ] -> own + (if latex then " " else "") + write child
            | children -> $"{own}({separate (List.map write children)})"

        mean latex fields tree (write tree)

    let private loss latex fields colour =
        let index = index latex fields colour

        match index, latex with
        | "", _ -> "C"
        | index, true -> "\\hat C" + index
        | index, false -> "Ĉ" + index

    let private nabla latex order =
        match order, latex with
        | 1, true -> "\\nabla "
        | 1, false -> "∇"
        | 2, true -> "\\nabla\\nabla "
        | 2, false -> "∇∇"
        | n, true -> $"\\nabla^{{{n}}} "
        | n, false -> "∇" + superscript n

    /// S(t): C, ‖∇C‖², ∇∇C(∇C, ∇C), …
    let scalar latex fields (tree: Tree) =
        let rec vector (t: Tree) =
            let own = nabla latex (t.Children.Length + 1) + loss latex fields t.Colour

            match t.Children with
            | [] -> own
            | [ child ] -> own + (if latex then " " else "") + vector child
            | children -> $"{own}({separate (List.map vector children)})"

        let text =
            match tree.Children with
            | [] -> loss latex fields tree.Colour
            | [ child ] when child.Children.IsEmpty && child.Colour = tree.Colour ->
                let gradient = nabla latex 1 + loss latex fields tree.Colour
                if latex then $"\\lVert {gradient} \\rVert^2" else $"‖{gradient}‖²"
            | children -> $"{nabla latex children.Length}{loss latex fields tree.Colour}({separate (List.map vector children)})"

        mean latex fields tree text

    /// The tree itself, in brackets.
    let tree latex fields (tree: Tree) =
        let rec write (t: Tree) =
            let index = index latex fields t.Colour

            if t.Children.IsEmpty then
                (if latex then "\\bullet" else "∙") + index
            else
                $"""[{String.Join("", List.map write t.Children)}]{index}"""

        write tree

    let private learningRate latex power =
        match power with
        | 0 -> ""
        | 1 -> if latex then "\\varepsilon" else "ε"
        | n when latex -> $"\\varepsilon^{{{n}}}"
        | n -> "ε" + superscript n

    /// Sign and factor of a term: −, `1/2 ε`.
    let factor latex power coefficient =
        let negative, size = CoefficientText.signed latex coefficient
        let rate = learningRate latex power

        let text =
            match size, rate with
            | "1", "" -> ""
            | "1", rate -> rate
            | size, "" -> size
            | size, rate -> $"{size} {rate}"

        negative, text

    /// Terms as one sum.
    let sum (terms: (bool * string) list) =
        match terms with
        | [] -> "0"
        | (negative, first) :: rest ->
            let head = if negative then "−" + first else first
            rest |> List.fold (fun text (negative, term) -> $"""{text} {if negative then "−" else "+"} {term}""") head
