namespace NoiseScale.Schedules

open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

/// Schedules and curves in JSON, schema `noisescale/schedule`, version 1 (Text/SCHEMA.md). Numbers are written in the shortest form that
/// reads back to the same bits, so that parse ∘ print is the identity.
[<RequireQualifiedAccess>]
module Json =
    open JsonText

    /// The schema's name and the version this library writes.
    let schema, version = "noisescale/schedule", 1

    let internal document (indented: bool) (write: Utf8JsonWriter -> unit) =
        use stream = new MemoryStream()

        let options =
            JsonWriterOptions(Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n")

        do
            use writer = new Utf8JsonWriter(stream, options)
            write writer

        Encoding.UTF8.GetString(stream.ToArray())

    // ---- curves --------------------------------------------------------------------------------------------------------

    let rec private writeCurve (writer: Utf8JsonWriter) curve =
        match curve with
        | Curve.Constant value -> writer.WriteNumberValue value
        | Curve.Step(initial, changes) ->
            writer.WriteStartObject()
            writer.WriteString("kind", "step")
            writer.WriteNumber("initial", initial)
            writer.WriteStartArray "changes"

            for t, value in changes do
                writer.WriteStartArray()
                writer.WriteNumberValue(float t)
                writer.WriteNumberValue value
                writer.WriteEndArray()

            writer.WriteEndArray()
            writer.WriteEndObject()
        | _ ->
            let form, numbers, curves = CurveForm.parts curve
            writer.WriteStartObject()
            writer.WriteString("kind", form.Kind)
            List.iter2 (fun (name: string) (value: float) -> writer.WriteNumber(name, value)) form.Numbers numbers

            for name, inner in List.zip form.Curves curves do
                writer.WritePropertyName name
                writeCurve writer inner

            writer.WriteEndObject()

    let rec private readCurve utf8 node =
        match node with
        | JsonNumber(value, _) -> Curve.Constant value
        | JsonObject(all, at) ->
            let kind =
                match List.tryFind (fun (name, _) -> name = "kind") all with
                | Some(_, value) -> text utf8 value
                | None -> raise (mistake utf8 at "missing member \"kind\"")

            match kind, CurveForm.tryFind kind with
            | "step", _ -> readStep utf8 node
            | _, Some form ->
                let found, at = members utf8 ("kind" :: form.Numbers @ form.Curves) node
                let get name = required utf8 at name found
                form.Build (form.Numbers |> List.map (get >> number utf8)) (form.Curves |> List.map (get >> readCurve utf8))
            | _, None ->
                let known = String.concat ", " CurveForm.kinds
                raise (mistake utf8 at $"unknown kind of curve \"{kind}\"; known: {known}")
        | other -> raise (mistake utf8 (at other) "expected a number or a curve object")

    and private readStep utf8 node =
        let found, start = members utf8 [ "kind"; "initial"; "changes" ] node

        let change item : float<epoch> * float =
            match item with
            | JsonArray([ t; value ], _) -> LanguagePrimitives.FloatWithMeasure(number utf8 t), number utf8 value
            | other -> raise (mistake utf8 (at other) "expected a pair [epoch, value]")

        match required utf8 start "changes" found with
        | JsonArray(items, _) -> Curve.Step(number utf8 (required utf8 start "initial" found), List.map change items)
        | other -> raise (mistake utf8 (at other) "expected an array of pairs [epoch, value]")

    // ---- schedules --------------------------------------------------------------------------------------------------------

    let private conventions =
        [ MomentumConvention.LearningRateOutside, "learning-rate-outside"
          MomentumConvention.LearningRateInside, "learning-rate-inside"
          MomentumConvention.Dampened, "dampened" ]

    let private writeOptimizer (writer: Utf8JsonWriter) optimizer =
        let momentum (kind: string) convention =
            writer.WriteString("kind", kind)
            writer.WriteString("convention", conventions |> List.find (fst >> (=) convention) |> snd)

        let adam (kind: string) (constants: AdamConstants) =
            writer.WriteString("kind", kind)
            writer.WriteNumber("beta1", constants.Beta1)
            writer.WriteNumber("beta2", constants.Beta2)
            writer.WriteNumber("epsilon", constants.Epsilon)

        writer.WriteStartObject "optimizer"

        match optimizer with
        | Optimizer.Sgd -> writer.WriteString("kind", "sgd")
        | Optimizer.HeavyBall convention -> momentum "heavy-ball" convention
        | Optimizer.Nesterov convention -> momentum "nesterov" convention
        | Optimizer.Adam constants -> adam "adam" constants
        | Optimizer.AdamW constants -> adam "adamw" constants

        writer.WriteEndObject()

    let private readOptimizer utf8 node =
        let all, start = members utf8 [ "kind"; "convention"; "beta1"; "beta2"; "epsilon" ] node
        let kindNode = required utf8 start "kind" all
        let get known name = let found, start = members utf8 ("kind" :: known) node in required utf8 start name found

        let convention () =
            let value = get [ "convention" ] "convention"

            match conventions |> List.tryFind (snd >> (=) (text utf8 value)) with
            | Some(convention, _) -> convention
            | None -> raise (mistake utf8 (at value) "expected learning-rate-outside, learning-rate-inside or dampened")

        let adam () =
            let get = get [ "beta1"; "beta2"; "epsilon" ] >> number utf8

            { Beta1 = get "beta1"; Beta2 = get "beta2"; Epsilon = get "epsilon" }

        match text utf8 kindNode with
        | "sgd" ->
            members utf8 [ "kind" ] node |> ignore
            Optimizer.Sgd
        | "heavy-ball" -> Optimizer.HeavyBall(convention ())
        | "nesterov" -> Optimizer.Nesterov(convention ())
        | "adam" -> Optimizer.Adam(adam ())
        | "adamw" -> Optimizer.AdamW(adam ())
        | other -> raise (mistake utf8 (at kindNode) $"unknown optimizer \"{other}\"; known: sgd, heavy-ball, nesterov, adam, adamw")

    /// A schedule as JSON text, indented, ending without a newline.
    let print (schedule: Schedule) =
        document true (fun writer ->
            let curve (name: string) value =
                writer.WritePropertyName name
                writeCurve writer value

            writer.WriteStartObject()
            writer.WriteString("schema", schema)
            writer.WriteNumber("version", version)
            writer.WriteNumber("examples", schedule.TrainingSetSize / 1L<example>)
            writer.WriteNumber("epochs", float schedule.Epochs)
            writeOptimizer writer schedule.Optimizer
            curve "learningRate" schedule.LearningRate
            curve "batchSize" schedule.BatchSize
            curve "momentum" schedule.Momentum
            writer.WriteNumber("weightDecay", schedule.WeightDecay)

            match schedule.Averaging with
            | None -> ()
            | Some averaging ->
                writer.WriteStartObject "averaging"
                writer.WriteNumber("momentum", averaging.Momentum)
                averaging.ReferenceBatch |> Option.iter (curve "referenceBatch")
                writer.WriteEndObject()

            writer.WriteEndObject())

    let private readSchedule utf8 node =
        let names =
            [ "schema"
              "version"
              "examples"
              "epochs"
              "optimizer"
              "learningRate"
              "batchSize"
              "momentum"
              "weightDecay"
              "averaging" ]

        // the version decides what else is known: look at it first
        match node with
        | JsonObject(all, start) ->
            let found = Map.ofList all

            match required utf8 start "schema" found with
            | JsonString(name, _) when name = schema -> ()
            | other -> raise (mistake utf8 (at other) $"expected the schema \"{schema}\"")

            match number utf8 (required utf8 start "version" found) with
            | v when v = float version -> ()
            | v -> raise (Mistake(ScheduleError.UnknownVersion(string v, $"{schema} version {version}")))
        | other -> raise (mistake utf8 (at other) "expected an object")

        let found, start = members utf8 names node
        let get name = required utf8 start name found

        let whole (node: JsonText) : int64<example> =
            let value = number utf8 node

            if value = System.Math.Round value && abs value < 9.0e15 then
                LanguagePrimitives.Int64WithMeasure(int64 value)
            else
                raise (mistake utf8 (at node) "expected a whole number of examples")

        let averaging =
            found.TryFind "averaging"
            |> Option.map (fun node ->
                let parts, start = members utf8 [ "momentum"; "referenceBatch" ] node

                { Momentum = number utf8 (required utf8 start "momentum" parts)
                  ReferenceBatch = parts.TryFind "referenceBatch" |> Option.map (readCurve utf8) })

        Schedule.create
            (readOptimizer utf8 (get "optimizer"))
            (whole (get "examples"))
            (LanguagePrimitives.FloatWithMeasure(number utf8 (get "epochs")))
            (readCurve utf8 (get "learningRate"))
            (readCurve utf8 (get "batchSize"))
            (readCurve utf8 (get "momentum"))
        |> Result.bind (Schedule.withWeightDecay (number utf8 (get "weightDecay")))
        |> Result.bind (Schedule.withAveraging averaging)

    /// The schedule in JSON text, or MalformedText with line and column, UnknownVersion, or the rule that the schedule breaks.
    let parse (text: string) = JsonText.parse text readSchedule |> Result.bind id

    /// A curve as JSON text on one line.
    let printCurve curve = document false (fun writer -> writeCurve writer curve)

    /// The curve in JSON text, or MalformedText with line and column; its rules are checked where it becomes part of a schedule.
    let parseCurve (text: string) = JsonText.parse text readCurve
