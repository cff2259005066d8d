/// The bibliography, and the laws of this room with their sources.
module NoiseScale.Schedules.Tests.CitationTests

open System
open System.Text.RegularExpressions
open Expecto
open NoiseScale.Schedules
open NoiseScale.Sources

let private assembly = typeof<Schedule>.Assembly
let private laws = Citations.ofAssembly assembly

/// The fields of a BibTeX entry; raises where it is not one.
let private fieldsOf (entry: string) =
    let head = Regex.Match(entry, @"^@(inproceedings|misc)\{([A-Za-z0-9]+),\n")
    Expect.isTrue head.Success $"the first line of {entry}"

    let mutable depth = 0

    for c in entry do
        depth <-
            depth
            + (if c = '{' then 1
               elif c = '}' then -1
               else 0)

        Expect.isGreaterThanOrEqual depth 0 $"no brace is closed before it is opened in {entry}"

    Expect.equal depth 0 $"every brace is closed in {entry}"
    Expect.isTrue (entry.EndsWith "\n}") $"the last line of {entry}"

    let body = entry.Substring(head.Length, entry.Length - head.Length - 2)

    [ for line in body.Split ",\n" do
          let field = Regex.Match(line, @"^  ([a-zA-Z]+) = \{(.+)\}$")
          Expect.isTrue field.Success $"the field {line}"
          field.Groups[1].Value, field.Groups[2].Value ]
    |> Map.ofList

let tests =
    testList
        "citations"
        [ testCase "the bibliography has every work once" (fun () ->
              let known = Bibliography.all |> List.map _.Paper
              Expect.equal (List.sort known) (Enum.GetValues<Paper>() |> List.ofArray |> List.sort) "works"
              let keys = Bibliography.all |> List.map _.CiteKey
              Expect.equal (List.distinct keys) keys "keys of entries")
          testCase "BibTeX is well-formed, and has the fields that are known" (fun () ->
              for r in Bibliography.all do
                  let fields = fieldsOf (Bibliography.bibTeX r.Paper)
                  Expect.equal (Map.containsKey "title" fields) r.Title.IsSome $"title of {r.CiteKey}"
                  Expect.equal (Map.tryFind "year" fields) (r.Year |> Option.map string) $"year of {r.CiteKey}"
                  Expect.equal (Map.tryFind "eprint" fields) r.ArXiv $"arXiv number of {r.CiteKey}"
                  Expect.isNonEmpty r.Authors $"authors of {r.CiteKey}")
          testCase "the six papers are complete" (fun () ->
              for paper in [ Paper.P1; Paper.P2; Paper.P3; Paper.P4; Paper.P5; Paper.P6 ] do
                  let r = Bibliography.find paper
                  Expect.isTrue (r.Title.IsSome && r.Year.IsSome && r.ArXiv.IsSome) $"{paper}"

              Expect.equal
                  (Bibliography.line Paper.P1)
                  "Smith, Kindermans, Ying, Le: Don't Decay the Learning Rate, Increase the Batch Size. ICLR 2018, arXiv 1711.00489"
                  "a line")
          testCase "every source names a known paper" (fun () ->
              Expect.isGreaterThan laws.Length 15 "laws of this room"

              for law in laws do
                  Expect.isNonEmpty (Bibliography.find law.Paper).Authors law.Law)
          testCase "documentation and attributes name the same papers" (fun () ->
              Expect.equal (SourceCoverage.undeclared assembly) [] "sources that only the documentation names")
          testCase "a law is found by its name, its module and its paper, in either case" (fun () ->
              let found name = Citations.about name laws
              Expect.equal (found "noisescale.AT" |> List.map _.Place) [ "§2 and §3.2" ] "one law"
              Expect.isTrue (found "NoiseScale" |> List.forall (fun law -> law.Law.StartsWith "NoiseScale.")) "a module"
              Expect.isGreaterThan (found "NoiseScale").Length 5 "its laws"
              Expect.equal (found "p3" |> List.map _.Paper |> List.distinct) [ Paper.P3 ] "a paper"
              Expect.equal (found "decayForBatch" |> List.map _.Law) [ "Trade.decayForBatch" ] "a law without its module"
              Expect.isEmpty (found "nothing") "nothing"
              Expect.contains (laws |> List.map _.Law) "ScalingRule.Legw" "a case of a union, by its own name"

              for name in Citations.names laws do
                  Expect.isNonEmpty (found name) name)
          testCase "the BibTeX of laws has each work once" (fun () ->
              let entries = Citations.bibTeX (laws @ laws)
              let works = laws |> List.map _.Paper |> List.distinct
              Expect.equal (Regex.Count(entries, "(?m)^@")) works.Length "entries"
              Expect.equal (Citations.bibTeX []) "" "none for no laws") ]
