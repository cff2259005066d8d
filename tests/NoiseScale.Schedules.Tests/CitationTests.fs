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
    let head = Regex.Match(entry, @"^@(inproceedings|article|book|misc)\{([A-Za-z0-9]+),\n")
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

                  let venueOf kind =
                      if Regex.IsMatch(Bibliography.bibTeX r.Paper, $"^@{kind}") then
                          r.Venue |> Option.map _.Name
                      else
                          None

                  Expect.equal (Map.tryFind "year" fields) (Some(string r.Year)) $"year of {r.CiteKey}"
                  Expect.equal (Map.tryFind "eprint" fields) r.ArXiv $"arXiv number of {r.CiteKey}"
                  Expect.equal (Map.tryFind "booktitle" fields) (venueOf "inproceedings") $"conference of {r.CiteKey}"
                  Expect.equal (Map.tryFind "journal" fields) (venueOf "article") $"journal of {r.CiteKey}"
                  Expect.equal (Map.tryFind "publisher" fields) (venueOf "book") $"publisher of {r.CiteKey}"
                  Expect.isGreaterThan fields["title"].Length 4 $"title of {r.CiteKey}"

                  for name, value in r.Place do
                      Expect.equal fields[name] value $"{name} of {r.CiteKey}"

                  Expect.hasLength (fields["author"].Split " and ") r.Authors.Length $"authors of {r.CiteKey}"

                  for author in r.Authors do
                      let isPerson = Regex.IsMatch(author, @"^\p{Lu}[\p{L}-]*, \p{Lu}[\p{L}. -]*$")
                      Expect.isTrue (isPerson || author = "OpenAI Dota Team") $"a name of {r.CiteKey}: {author}"

                  // BibTeX of its own takes no other letters
                  Expect.isTrue (Bibliography.bibTeX r.Paper |> Seq.forall Char.IsAscii) $"letters of {r.CiteKey}")
          testCase "a work is known by its key, that of its entry and its arXiv number" (fun () ->
              let all =
                  Bibliography.all |> List.collect (fun r -> Bibliography.names r.Paper |> List.map _.ToLowerInvariant())

              Expect.equal (List.distinct all) all "no name twice"
              Expect.equal (Bibliography.names Paper.P4) [ "P4"; "Park2019Width"; "1905.03776"; "arXiv:1905.03776" ] "P4"
              Expect.equal (Bibliography.fullName "Sohl-Dickstein, Jascha") "Jascha Sohl-Dickstein" "a person"
              Expect.equal (Bibliography.fullName "OpenAI Dota Team") "OpenAI Dota Team" "a team")
          testCase "a line of each" (fun () ->
              Expect.equal
                  (Bibliography.line Paper.P1)
                  "Smith, Kindermans, Ying, Le: Don't Decay the Learning Rate, Increase the Batch Size. ICLR 2018, arXiv 1711.00489"
                  "of a conference"

              Expect.equal
                  (Bibliography.line Paper.P3)
                  "Smith, Duckworth, Rezchikov, Le, Sohl-Dickstein: Stochastic natural gradient descent draws posterior samples in function space. 2018, arXiv 1806.09597"
                  "a preprint")
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
