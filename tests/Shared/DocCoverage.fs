/// Which public members of an assembly have no summary. The F# compiler does not ask for documentation; a test with this does.
module DocCoverage

open System
open System.IO
open System.Reflection
open System.Runtime.CompilerServices
open System.Xml.Linq
open FSharp.Reflection

let private everything =
    BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

let private isGenerated (one: MemberInfo) = one.IsDefined(typeof<CompilerGeneratedAttribute>, false)

/// A member's name as XML documentation writes it, without its kind and parameters: Namespace.Outer.Inner.Name.
let private pathOf (owner: Type) (name: string) =
    let full =
        match owner.FullName with
        | null -> owner.Name
        | full -> full

    // a constructor's name begins with a dot, which becomes #; the dots in an extension member's name stay
    full.Replace('+', '.') + "." + (if name.StartsWith '.' then name.Replace('.', '#') else name)

let private typePath (one: Type) =
    match one.FullName with
    | null -> one.Name
    | full -> full.Replace('+', '.')

/// The paths that have a summary with text in it, each as often as it has one: overloads share a path.
let private documented (assembly: Assembly) : string list =
    let file = string (Path.ChangeExtension(assembly.Location, ".xml"))

    if not (File.Exists file) then
        failwith $"no XML documentation beside {assembly.Location}: set GenerateDocumentationFile"

    let path (id: string) =
        let beforeParameters = (id.Substring 2).Split('(')[0]
        let generic = beforeParameters.IndexOf "``"
        if generic < 0 then beforeParameters else beforeParameters.Substring(0, generic)

    [ for one in XDocument.Load(file).Descendants(XName.Get "member") do
          match one.Attribute(XName.Get "name"), one.Element(XName.Get "summary") with
          | null, _
          | _, null -> ()
          | name, summary when String.IsNullOrWhiteSpace summary.Value -> ignore name
          | name, _ -> path name.Value ]

let private isCaseOf (owner: Type) =
    match owner.DeclaringType with
    | null -> false
    | outer -> FSharpType.IsUnion outer

/// The members of a union that the programmer wrote: its cases and its own members, not the tests, tags and makers of cases.
let private unionMembers (union: Type) =
    let cases = [ for case in FSharpType.GetUnionCases union -> case.Name ]

    let made =
        set (cases @ [ for case in cases -> "New" + case ] @ [ for case in cases -> "Is" + case ] @ [ "Tag"; "Tags" ])

    cases, made.Contains

let private overrides (one: MethodInfo) = one.GetBaseDefinition() <> one

/// The paths that want a summary, each as often as it wants one.
let private wanting (assembly: Assembly) : string list =
    [ for owner in assembly.GetExportedTypes() do
          if not (isGenerated owner || isCaseOf owner) then
              yield typePath owner

              let cases, made = if FSharpType.IsUnion owner then unionMembers owner else [], (fun _ -> false)

              // The summary of a wrapper, a union of one case with its own name, is its case's.
              if cases <> [ owner.Name ] then
                  for case in cases do
                      yield pathOf owner case

              let isData =
                  FSharpType.IsUnion owner || FSharpType.IsRecord owner || FSharpType.IsExceptionRepresentation owner

              if not (owner.IsSubclassOf typeof<Delegate>) then
                  for one in owner.GetMembers everything do
                      match one with
                      | _ when isGenerated one || made one.Name -> ()
                      | :? MethodInfo as method ->
                          let named = not method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)

                          if named && not (overrides method) then
                              yield pathOf owner method.Name
                      | :? PropertyInfo as property when FSharpType.IsExceptionRepresentation owner -> ignore property
                      | :? PropertyInfo
                      | :? EventInfo -> yield pathOf owner one.Name
                      | :? FieldInfo as field ->
                          if not field.IsSpecialName then
                              yield pathOf owner one.Name
                      | _ -> ()

              // The summary of a class is that of its first constructor.
              if not isData then
                  for _ in Seq.truncate (owner.GetConstructors().Length - 1) (Seq.initInfinite id) do
                      yield pathOf owner ".ctor" ]

/// The public types and members without a summary: empty for a documented assembly.
let missing (assembly: Assembly) : string list =
    let have = documented assembly |> List.countBy id |> Map.ofList

    wanting assembly
    |> List.countBy id
    |> List.filter (fun (path, wanted) -> (Map.tryFind path have |> Option.defaultValue 0) < wanted)
    |> List.map fst
    |> List.sort
