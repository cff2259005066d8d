/// Whether what the documentation says of a law's source and what its attribute says agree.
module SourceCoverage

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open System.Xml.Linq
open NoiseScale.Sources

let private everything =
    BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

let private typePath (one: Type) = (string one.FullName).Replace('+', '.')

let private sources (one: MemberInfo) = one.GetCustomAttributes<SourceAttribute>() |> Seq.map _.Paper |> Set.ofSeq

/// Public types and members by the path that XML documentation gives them, with the papers their attributes name; overloads share a path.
let private declared (assembly: Assembly) =
    [ for owner in assembly.GetExportedTypes() do
          let path = typePath owner
          path, sources owner

          for m in owner.GetMembers everything do
              if not (m :? Type) then
                  $"{path}.{m.Name}", sources m

                  // a case with fields is made by NewCase, one without is read by get_Case; documentation knows the case
                  for prefix in [ "get_"; "New" ] do
                      if m.Name.StartsWith prefix then
                          $"{path}.{m.Name.Substring prefix.Length}", sources m ]
    |> List.groupBy fst
    |> List.map (fun (path, found) -> path, found |> List.map snd |> Set.unionMany)
    |> Map.ofList

/// Members whose words name a place of P1 to P6 as their source that no attribute of theirs, of their type or of the module of that type's name declares.
let undeclared (assembly: Assembly) : string list =
    let declared = declared assembly
    let of' path = declared |> Map.tryFind path |> Option.defaultValue Set.empty

    let place = Regex @"\bP([1-6]),? (§|Eqs?\.|Thms? |App\.|Figs?\.? |section )"

    [ for one in XDocument.Load(string (Path.ChangeExtension(assembly.Location, ".xml"))).Descendants(XName.Get "member") do
          let id = (one.Attribute(XName.Get "name") |> nonNull).Value
          let path = Regex.Replace(id.Substring 2, @"[(`].*$", "")
          let owner = path.Substring(0, max 0 (path.LastIndexOf '.'))

          if declared.ContainsKey path then
              let has = of' path + of' (path + "Module") + of' owner + of' (owner + "Module")

              for m in place.Matches one.Value do
                  let paper = enum<Paper>(int m.Groups[1].Value)

                  if not (has.Contains paper) then
                      $"{path} names P{int paper}, its attributes do not" ]
    |> List.distinct
