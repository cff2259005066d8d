namespace NoiseScale.Sources

open System
open System.Reflection

/// A law that the library states, and where it stands.
type CitedLaw =
    {
        /// module or type and member, such as "NoiseScale.posteriorTemperatureAt"
        Law: string
        /// the assembly that states it, such as "NoiseScale.Theory"
        Room: string
        /// the paper that states it
        Paper: Paper
        /// the place in it, or ""
        Place: string
    }

/// The laws of assemblies with their sources: what the attribute `Source` says on types and members.
[<RequireQualifiedAccess>]
module Citations =
    let private everything =
        BindingFlags.Public ||| BindingFlags.Instance ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly

    // a module that shares its name with a type is compiled with a suffix that nobody writes
    let rec private written (t: Type) : string =
        let isModule =
            t.GetCustomAttributes<CompilationMappingAttribute>()
            |> Seq.exists (fun a -> a.SourceConstructFlags &&& SourceConstructFlags.KindMask = SourceConstructFlags.Module)

        let name = t.Name.Split('`')[0]

        let name = if isModule && name.EndsWith "Module" then name[.. name.Length - 7] else name

        match Option.ofObj t.DeclaringType with
        | Some owner -> $"{written owner}.{name}"
        | None -> name

    // getters and the constructors of a union's cases have names of their own
    let private writtenMember (m: MemberInfo) : string =
        match m with
        | :? MethodInfo as accessor when accessor.Name.StartsWith "get_" -> accessor.Name[4..]
        | :? MethodInfo as case when
            case.GetCustomAttributes<CompilationMappingAttribute>() |> Seq.isEmpty |> not && case.Name.StartsWith "New"
            ->
            case.Name[3..]
        | other -> other.Name

    /// <summary>The laws of an assembly, sorted by name, a law with two sources twice.</summary>
    /// <param name="assembly">such as that of a type of the library</param>
    let ofAssembly (assembly: Assembly) : CitedLaw list =
        let room = assembly.GetName().Name |> Option.ofObj |> Option.defaultValue ""

        let laws name (member': MemberInfo) =
            [ for source in member'.GetCustomAttributes<SourceAttribute>() do
                  { Law = name; Room = room; Paper = source.Paper; Place = source.Place } ]

        [ for t in assembly.GetExportedTypes() do
              let owner = written t
              yield! laws owner t

              for m in t.GetMembers everything do
                  if not (m :? Type) then
                      yield! laws (if m :? ConstructorInfo then owner else $"{owner}.{writtenMember m}") m ]
        |> List.distinct
        |> List.sortBy (fun law -> law.Law, law.Paper, law.Place)

    /// <summary>The laws that a name means: of a paper by any of its names, of a module or type with all its members, or of one member, with or without its module.</summary>
    /// <param name="name">in either case, such as "P3", "1806.09597", "Laplace", "NoiseScale.at", "sngd"</param>
    /// <param name="laws">the laws to choose from</param>
    /// <returns>none where the name means nothing</returns>
    let about (name: string) (laws: CitedLaw list) : CitedLaw list =
        let same (other: string) = String.Equals(name, other, StringComparison.OrdinalIgnoreCase)
        let meant choose = laws |> List.filter choose

        [ fun law -> Bibliography.names law.Paper |> List.exists same
          fun law -> same law.Law || law.Law.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase)
          fun law -> same (law.Law.Substring(law.Law.LastIndexOf '.' + 1)) ]
        |> List.map meant
        |> List.tryFind (not << List.isEmpty)
        |> Option.defaultValue []

    /// <summary>Every name that `about` understands: those of papers, modules, laws, and members without their module.</summary>
    /// <param name="laws">the laws to choose from</param>
    let names (laws: CitedLaw list) : string list =
        [ yield! laws |> List.map _.Paper |> List.distinct |> List.collect Bibliography.names
          for law in laws do
              let parts = law.Law.Split '.'
              parts[0]
              law.Law
              parts[parts.Length - 1] ]
        |> List.distinct

    /// <summary>The BibTeX of all works that laws name, each once, in the order of the bibliography.</summary>
    /// <param name="laws">the laws</param>
    /// <returns>entries with an empty line between them; "" for no laws</returns>
    let bibTeX (laws: CitedLaw seq) : string =
        let used = laws |> Seq.map _.Paper |> Set.ofSeq

        Bibliography.all
        |> List.filter (fun r -> used.Contains r.Paper)
        |> List.map (fun r -> Bibliography.bibTeX r.Paper)
        |> String.concat "\n\n"
