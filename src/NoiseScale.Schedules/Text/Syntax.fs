namespace NoiseScale.Schedules

open System.Globalization

/// Schedules on one line, as a person types them:
/// <code>lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000</code>
/// Fields, in any order: <c>lr</c>, <c>batch</c>, <c>momentum</c> (a curve each), <c>epochs</c>, <c>examples</c>, <c>optimizer</c>, <c>decay</c> (weight decay),
/// <c>average</c>. Curves: a number; steps by a factor, <c>0.1 /5 @60,120</c> or <c>128 *5 @60</c>; steps by value, <c>0.1 -> 0.02 @60 -> 0.01 @120</c>; or a
/// function such as <c>cosine(0.1, 0, 200)</c>, numbers first, then curves, steps in parentheses: <c>join(5, linear(0.01, 0.1, 5), (0.1 /5 @60))</c>.
/// Without an optimizer, a momentum means the heavy ball with the learning rate outside its buffer, and none means SGD. Parse ∘ print is the identity.
[<RequireQualifiedAccess>]
module Syntax =

    let private number (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    // ---- printing ------------------------------------------------------------------------------------------------------------

    /// "0.1 /5 @60,120" or "128 *5 @60", where repeated division or multiplication gives exactly these values.
    let private geometric initial (changes: (float<epoch> * float) list) =
        let times = changes |> List.map (fst >> float >> number) |> String.concat ","
        let exact curve = (curve = Curve.Step(initial, changes))
        let boundaries = List.map fst changes

        match changes with
        | (_, first) :: _ when first > 0.0 && initial > 0.0 ->
            // the nearest short factor first, then the quotient itself
            let candidates (ratio: float) =
                [ System.Math.Round ratio; System.Math.Round(ratio, 6); ratio ] |> List.filter (fun k -> k > 1.0)

            if first < initial then
                candidates (initial / first)
                |> List.tryFind (fun k -> exact (Curve.stepDecay initial k boundaries))
                |> Option.map (fun k -> $"{number initial} /{number k} @{times}")
            else
                candidates (first / initial)
                |> List.tryFind (fun k -> exact (Curve.stepGrowth initial k boundaries))
                |> Option.map (fun k -> $"{number initial} *{number k} @{times}")
        | _ -> None

    let rec private curveText curve =
        match curve with
        | Curve.Constant value -> number value
        | Curve.Step(initial, []) -> $"step({number initial})"
        | Curve.Step(initial, changes) ->
            match geometric initial changes with
            | Some text -> text
            | None ->
                let steps = changes |> List.map (fun (t, value) -> $" -> {number value} @{number (float t)}")
                number initial + System.String.Concat steps
        | _ ->
            let form, numbers, curves = CurveForm.parts curve

            let inner curve =
                match curve with
                | Curve.Step(_, _ :: _) -> $"({curveText curve})"
                | _ -> curveText curve

            let arguments = (numbers |> List.map number) @ (curves |> List.map inner) |> String.concat ", "
            $"{form.Kind}({arguments})"

    let private conventions =
        [ MomentumConvention.LearningRateOutside, "outside"
          MomentumConvention.LearningRateInside, "inside"
          MomentumConvention.Dampened, "dampened" ]

    let private optimizerText optimizer =
        let word convention = conventions |> List.find (fst >> (=) convention) |> snd

        let adam name (c: AdamConstants) = $"{name} {number c.Beta1} {number c.Beta2} {number c.Epsilon}"

        match optimizer with
        | Optimizer.Sgd -> "sgd"
        | Optimizer.HeavyBall convention -> $"heavy-ball {word convention}"
        | Optimizer.Nesterov convention -> $"nesterov {word convention}"
        | Optimizer.Adam constants -> adam "adam" constants
        | Optimizer.AdamW constants -> adam "adamw" constants

    let private heavyBall = Optimizer.HeavyBall MomentumConvention.LearningRateOutside

    /// A curve as text.
    let printCurve curve = curveText curve

    /// A schedule as one line of text.
    let print (schedule: Schedule) =
        let hasMomentum = schedule.Momentum <> Curve.Constant 0.0

        let implied = if hasMomentum then heavyBall else Optimizer.Sgd

        [ $"lr {curveText schedule.LearningRate}"
          $"batch {curveText schedule.BatchSize}"
          if hasMomentum then
              $"momentum {curveText schedule.Momentum}"
          $"epochs {number (float schedule.Epochs)}"
          $"examples {schedule.TrainingSetSize}"
          if schedule.Optimizer <> implied then
              $"optimizer {optimizerText schedule.Optimizer}"
          if schedule.WeightDecay <> 0.0 then
              $"decay {number schedule.WeightDecay}"
          match schedule.Averaging with
          | None -> ()
          | Some { Momentum = rho; ReferenceBatch = None } -> $"average {number rho}"
          | Some { Momentum = rho; ReferenceBatch = Some reference } -> $"average {number rho} per {curveText reference}" ]
        |> String.concat "; "

    // ---- parsing -------------------------------------------------------------------------------------------------------------

    let private epochs (value: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure value

    let rec private times (s: Scanner) =
        let t = epochs (s.Number "an epoch")
        if s.Accept "," then t :: times s else [ t ]

    let rec private changes (s: Scanner) =
        if s.Accept "->" then
            let value = s.Number "the value after '->'"
            s.Expect("@", "and the epoch of the change")
            let t = epochs (s.Number "an epoch")
            (t, value) :: changes s
        else
            []

    let private stepsFrom (s: Scanner) initial =
        let factor build =
            let k = s.Number "a factor"
            s.Expect("@", "and the epochs of the steps")
            build initial k (times s)

        if s.Next = '/' then
            s.Accept "/" |> ignore
            factor Curve.stepDecay
        elif s.Next = '*' then
            s.Accept "*" |> ignore
            factor Curve.stepGrowth
        elif s.Next = '-' then
            Curve.Step(initial, changes s)
        else
            Curve.Constant initial

    let rec private curve (s: Scanner) : Curve =
        if s.Accept "(" then
            let inner = curve s
            s.Expect(")", "after the curve")
            inner
        else
            let start = s.Position

            match s.Word() with
            | "" -> stepsFrom s (s.Number "a number or the name of a curve")
            | "step" ->
                s.Expect("(", "after step")
                let initial = s.Number "the value"
                s.Expect(")", "after the value")
                Curve.Step(initial, [])
            | name ->
                match CurveForm.tryFind name with
                | Some form -> call s form
                | None ->
                    let known = String.concat ", " CurveForm.kinds
                    raise (JsonText.Mistake(s.Error($"unknown curve '{name}'; known: {known}", start)))

    and private call (s: Scanner) form =
        s.Expect("(", $"after {form.Kind}")
        let mutable first = true

        let argument read name =
            if not first then
                s.Expect(",", $"before {name} in {form.Kind}")

            first <- false
            read name

        let numbers =
            form.Numbers |> List.map (argument (fun name -> s.Number $"the number '{name}' of {form.Kind}"))

        let inner _ =
            // a number that is not alone is the start of steps, which need parentheses here: the comma is taken
            if s.Next = '(' || System.Char.IsLetter s.Next then
                curve s
            else
                Curve.Constant(s.Number "a curve")

        let curves = form.Curves |> List.map (argument inner)
        s.Expect(")", $"at the end of {form.Kind}")
        form.Build numbers curves

    let private optimizer (s: Scanner) =
        let start = s.Position

        let convention () =
            let start = s.Position
            let word = s.Word()

            match conventions |> List.tryFind (snd >> (=) word) with
            | Some(convention, _) -> convention
            | None when word = "" -> MomentumConvention.LearningRateOutside
            | None -> raise (JsonText.Mistake(s.Error($"unknown convention '{word}'; known: outside, inside, dampened", start)))

        let adam () =
            if System.Char.IsAsciiDigit s.Next || s.Next = '.' then
                { Beta1 = s.Number "beta1"
                  Beta2 = s.Number "beta2"
                  Epsilon = s.Number "epsilon" }
            else
                AdamConstants.Default

        match s.Word() with
        | "sgd" -> Optimizer.Sgd
        | "heavy-ball" -> Optimizer.HeavyBall(convention ())
        | "nesterov" -> Optimizer.Nesterov(convention ())
        | "adam" -> Optimizer.Adam(adam ())
        | "adamw" -> Optimizer.AdamW(adam ())
        | other -> raise (JsonText.Mistake(s.Error($"unknown optimizer '{other}'; known: sgd, heavy-ball, nesterov, adam, adamw", start)))

    type private Fields =
        { Curves: Map<string, Curve>
          Numbers: Map<string, float>
          Optimizer: Optimizer option
          Averaging: WeightAveraging option }

    let private field (s: Scanner) fields =
        let start = s.Position
        let name = s.Word()

        let known =
            fields.Curves.ContainsKey name
            || fields.Numbers.ContainsKey name
            || (name = "optimizer" && fields.Optimizer.IsSome)
            || (name = "average" && fields.Averaging.IsSome)

        if known then
            raise (JsonText.Mistake(s.Error($"'{name}' stands twice", start)))

        match name with
        | "lr"
        | "batch"
        | "momentum" -> { fields with Curves = fields.Curves.Add(name, curve s) }
        | "epochs"
        | "examples"
        | "decay" ->
            { fields with
                Numbers = fields.Numbers.Add(name, s.Number $"the number of {name}") }
        | "optimizer" -> { fields with Optimizer = Some(optimizer s) }
        | "average" ->
            let rho = s.Number "the momentum of the weight average"
            let reference = if s.Accept "per" then Some(curve s) else None

            { fields with Averaging = Some { Momentum = rho; ReferenceBatch = reference } }
        | other ->
            let expected =
                $"expected a field (lr, batch, momentum, epochs, examples, optimizer, decay, average), found '{other}'"

            raise (JsonText.Mistake(s.Error(expected, start)))

    let private schedule (s: Scanner) =
        let rec fields found =
            let found = field s found

            if s.Accept ";" && not s.AtEnd then fields found
            elif s.AtEnd then found
            else s.Fail "';' or the end"

        let found = fields { Curves = Map.empty; Numbers = Map.empty; Optimizer = None; Averaging = None }

        let need name (map: Map<string, 'T>) =
            match map.TryFind name with
            | Some value -> value
            | None -> raise (JsonText.Mistake(s.Error($"the field '{name}' is missing", s.Position)))

        let examples = found.Numbers |> need "examples"

        if examples <> System.Math.Round examples || abs examples >= 9.0e15 then
            raise (JsonText.Mistake(s.Error($"examples must be a whole number, not {number examples}", s.Position)))

        let momentum = found.Curves.TryFind "momentum"

        let optimizer =
            match found.Optimizer, momentum with
            | Some optimizer, _ -> optimizer
            | None, Some _ -> heavyBall
            | None, None -> Optimizer.Sgd

        Schedule.create
            optimizer
            (LanguagePrimitives.Int64WithMeasure(int64 examples))
            (epochs (found.Numbers |> need "epochs"))
            (found.Curves |> need "lr")
            (found.Curves |> need "batch")
            (momentum |> Option.defaultValue (Curve.Constant 0.0))
        |> Result.bind (Schedule.withWeightDecay (found.Numbers.TryFind "decay" |> Option.defaultValue 0.0))
        |> Result.bind (Schedule.withAveraging found.Averaging)

    let private parsing (text: string) read =
        let scanner = Scanner text

        try
            Ok(read scanner)
        with JsonText.Mistake error ->
            Error error

    /// The schedule in one line of text, or MalformedText with line and column, or the rule that the schedule breaks.
    let parse text = parsing text schedule |> Result.bind id

    /// The curve in text, or MalformedText with line and column.
    let parseCurve text =
        parsing text (fun s ->
            let result = curve s
            if s.AtEnd then result else s.Fail "the end")
