/// Text: what is printed reads back as the same value, and mistakes are named with their place.
module NoiseScale.Schedules.Tests.TextLaws

open System.IO
open System.Text.Json
open Expecto
open FsCheck
open NoiseScale.Schedules

let private same what expected found = Law.require (found = Ok expected) (fun () -> $"{what} reads back as another value")

let laws =
    [ Law.forAll "JSON: parse ∘ print = id on schedules" Generate.schedule (fun _ s -> same (Json.print s) s (Json.parse (Json.print s)))
      Law.forAll "one line: parse ∘ print = id on schedules" Generate.schedule (fun _ s ->
          let text = Syntax.print s
          Law.require (not (text.Contains '\n')) (fun () -> "more than a line")
          same text s (Syntax.parse text))
      Law.forAll "JSON: parse ∘ print = id on curves of either sign" Generate.signedCurve (fun _ case ->
          same "the curve" case.Curve (Json.parseCurve (Json.printCurve case.Curve)))
      Law.forAll "one line: parse ∘ print = id on curves of either sign" Generate.signedCurve (fun _ case ->
          same (Syntax.printCurve case.Curve) case.Curve (Syntax.parseCurve (Syntax.printCurve case.Curve)))
      Law.forAll "tables: the rows of a plan hold exactly its updates" Generate.shortSchedule (fun _ s ->
          let plan = Plan.ofSchedule s
          let updates = Algebra.updatesFrom plan 0L

          let unrolled =
              [| for row in Table.rows plan do
                     for k in 0L .. row.Updates - 1L do
                         row.Update + k, row.Example + k * int64 row.Batch, row.Batch, row.LearningRate, row.Momentum |]

          let expected =
              updates |> Array.map (fun u -> u.Index, u.FirstExample, u.BatchSize, u.LearningRate, u.Momentum)

          Law.require (unrolled = expected) (fun () -> "the rows hold other updates")) ]

let private original = (DontDecay.tryFind "original").Value.Schedule

let private written =
    testList
        "what is written"
        [ testCase "a person's line" (fun () ->
              let text = "lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000"
              Expect.equal (Syntax.parse text) (Ok original) "it is P1's baseline"
              Expect.equal (Syntax.print original) text "and prints as typed")

          testCase "other ways to write the same" (fun () ->
              for text in
                  [ "examples 50_000; epochs 2.048e2; momentum .9; batch 128; lr 0.1 /5 @ 60, 120, 160"
                    "lr (0.1 /5 @60,120,160); batch 128; momentum 0.9; epochs 204.8; examples 50000; optimizer heavy-ball;"
                    "lr 0.1 -> 0.02 @60 -> 0.004 @120 -> 0.0008 @160;\nbatch 128; momentum 0.9; epochs 204.8; examples 50000" ] do
                  Expect.equal (Syntax.parse text) (Ok original) text)

          testCase "CSV of phases and of updates" (fun () ->
              let plan = Plan.ofSchedule (DontDecay.tryFind "increase-momentum").Value.Schedule
              let phases, updates = new StringWriter(), new StringWriter()
              Table.writePhases phases plan
              Table.writeUpdates updates plan
              let lines (w: StringWriter) = (string w).TrimEnd('\n').Split('\n')
              Expect.equal ((lines phases).Length) (1 + plan.Phases.Count) "a line a phase"
              Expect.equal ((lines updates).Length) (1 + int plan.Updates) "a line an update"
              let first = (lines updates)[1]
              Expect.equal (first.Split(',')[..3]) [| "0"; "0"; "0"; "3200" |] "the first update")

          testCase "the table of a plan is JSON with its schema" (fun () ->
              use document = JsonDocument.Parse(Table.json (Plan.ofSchedule original))
              let root = document.RootElement
              let get (name: string) = root.GetProperty name
              Expect.equal ((get "schema").GetString()) "noisescale/plan" "schema"
              Expect.equal ((get "version").GetInt32()) 1 "version"
              Expect.equal ((get "updates").GetInt64()) 80_000L "updates") ]

let private places =
    [ "", 1, 1
      "lr 0.1 /5 60; batch 128", 1, 11
      "lr 0.1;\n batch x", 2, 8
      "lr 1; lr 2", 1, 7
      "lr cosine(1, 2; batch 2", 1, 15
      "lr unknown(3)", 1, 4
      "lr 1; batch 2; epochs 2; examples 10 more", 1, 38
      "lr 1; batch 2; epochs 2; examples 10; optimizer rmsprop", 1, 49 ]

let private mistakes =
    testList
        "mistakes have a place"
        [ for text, line, column in places do
              testCase $"'{text}'" (fun () ->
                  match Syntax.parse text with
                  | Error(ScheduleError.MalformedText(l, c, _)) -> Expect.equal (l, c) (line, column) "line and column"
                  | other -> failtest $"{other}")

          testCase "JSON: broken syntax, wrong meaning, twice the same, unknown member" (fun () ->
              let good = Json.print original

              for text, line in
                  [ good.Replace("204.8,", "204.8"), 5
                    good.Replace("\"epochs\"", "\"epoch\""), 5
                    good.Replace("\"kind\": \"step\"", "\"kind\": \"stairs\""), 10
                    good.Replace("\"weightDecay\": 0", "\"epochs\": 3"), 30
                    good.Replace("204.8", "\"long\""), 5
                    good + " {}", 31 ] do
                  match Json.parse text with
                  | Error(ScheduleError.MalformedText(l, column, words)) ->
                      Expect.isTrue (abs (l - line) <= 1 && column >= 1 && words <> "") $"line {l}, not {line}: {words}"
                  | other -> failtest $"{other}")

          testCase "JSON of another version" (fun () ->
              match Json.parse ((Json.print original).Replace("\"version\": 1", "\"version\": 2")) with
              | Error(ScheduleError.UnknownVersion("2", _)) -> ()
              | other -> failtest $"{other}") ]

let tests = testList "text" (written :: mistakes :: (laws |> List.map (Law.test Algebra.real)))
