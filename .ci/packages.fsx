// dotnet fsi .ci/packages.fsx FOLDER VERSION ROOT: what has to be in the packages of a folder, and what must not be. Names every fault and fails.
open System
open System.IO
open System.IO.Compression
open System.Reflection.Metadata
open System.Reflection.PortableExecutable
open System.Text
open System.Xml.Linq

let [| folder; version; root |] = fsi.CommandLineArgs[1..]
let faults = ResizeArray<string>()

/// What a package depends on: ours by their own version, the rest as paket.dependencies says.
let libraries =
    let fsharp, torch, mathNet =
        ("FSharp.Core", "10.1.403"), ("TorchSharp", "[0.107.0]"), ("MathNet.Numerics", "[5.0.0, 6.0.0)")

    let ours names = [ for name in names -> name, version ]

    [ "NoiseScale.DiffSharp", "DiffSharp", [ fsharp; torch ]
      "NoiseScale.Schedules", "NoiseScale.Schedules", [ fsharp; mathNet ]
      "NoiseScale.Theory",
      "NoiseScale.Theory",
      ours [ "NoiseScale.DiffSharp"; "NoiseScale.Schedules" ] @ [ fsharp; "Fractions", "[8.3.2, 9.0.0)"; mathNet ]
      "NoiseScale", "NoiseScale", ours [ "NoiseScale.DiffSharp"; "NoiseScale.Schedules"; "NoiseScale.Theory" ] @ [ fsharp; torch ]
      "NoiseScale.Training", "NoiseScale.Training", ours [ "NoiseScale" ] @ [ fsharp; mathNet; "Parquet.Net", "[6.1.0, 7.0.0)"; torch ] ]

let tool = "NoiseScale.Cli"

let bytes (entry: ZipArchiveEntry) =
    use stream = entry.Open()
    use memory = new MemoryStream()
    stream.CopyTo memory
    memory.ToArray()

let contains (text: string) (bytes: byte[]) =
    [ Encoding.UTF8; Encoding.Unicode ] |> List.exists (fun encoding -> bytes.AsSpan().IndexOf(encoding.GetBytes text) >= 0)

/// Deterministic, with symbols and all sources inside, and without a path of the machine that built it.
let examineAssembly (say: string -> unit) (image: byte[]) =
    use reader = new PEReader(new MemoryStream(image))
    let debug = reader.ReadDebugDirectory()

    if debug |> Seq.forall (fun one -> one.Type <> DebugDirectoryEntryType.Reproducible) then
        say "is not deterministic"

    if contains root image then
        say $"holds the path {root}"

    match debug |> Seq.tryFind (fun one -> one.Type = DebugDirectoryEntryType.EmbeddedPortablePdb) with
    | None -> say "has no symbols"
    | Some entry ->
        use symbols = reader.ReadEmbeddedPortablePdbDebugDirectoryData entry
        let symbols = symbols.GetMetadataReader()
        let embeddedSource = Guid "0E8A571B-6926-466E-B4AD-8AB04611F5FE"

        for document in symbols.Documents do
            let name = symbols.GetString (symbols.GetDocument document).Name

            if not (name.StartsWith "/_/") && not (name.StartsWith "unknown") && name <> "startup" then
                say $"names the source {name}"

            let kinds =
                [ for one in symbols.GetCustomDebugInformation document -> symbols.GetGuid (symbols.GetCustomDebugInformation one).Kind ]

            if name.Contains "/src/" && not (List.contains embeddedSource kinds) then
                say $"lacks the source {name}"

let examine (id: string) (check: (string -> unit) -> ZipArchive -> XElement -> unit) =
    let file = Path.Combine(folder, $"{id}.{version}.nupkg")
    let say text = faults.Add $"{id} {text}"

    if not (File.Exists file) then
        say "was not packed"
    else
        use archive = ZipFile.OpenRead file
        let nuspec = XDocument.Load(new MemoryStream(bytes (archive.GetEntry $"{id}.nuspec")))
        let metadata = (nuspec.Root |> Option.ofObj).Value.Elements() |> Seq.head

        let value name =
            metadata.Elements()
            |> Seq.tryFind (fun one -> one.Name.LocalName = name)
            |> Option.map _.Value
            |> Option.defaultValue ""

        if value "license" <> "MIT" then
            say "is not under the MIT licence"

        if (value "description").Length < 40 then
            say "has no description"

        if value "tags" = "" then
            say "has no tags"

        match archive.GetEntry(value "readme") with
        | null -> say "has no README"
        | entry when entry.Length < 500L -> say "has a README that says nothing"
        | _ -> ()

        for entry in archive.Entries do
            let name = entry.Name.ToLowerInvariant()

            if name.Contains "torch_cpu" || name.Contains "c10" then
                say $"holds libtorch: {entry.FullName}"

            if entry.Length > 20_000_000L then
                say $"holds {entry.FullName} of {entry.Length} bytes"

        check say archive metadata

for id, assembly, expected in libraries do
    examine id (fun say archive metadata ->
        let dependencies =
            [ for one in metadata.Descendants() do
                  if one.Name.LocalName = "dependency" then
                      one.Attribute("id").Value, one.Attribute("version").Value ]

        if List.sort dependencies <> List.sort expected then
            say $"depends on {List.sort dependencies}, not on {List.sort expected}"

        let files =
            [ for entry in archive.Entries do
                  if entry.FullName.StartsWith "lib/" then
                      entry.FullName ]

        let wanted = [ for extension in [ "dll"; "xml" ] -> $"lib/net10.0/{assembly}.{extension}" ]

        if List.sort files <> wanted then
            say $"holds {files}, not {wanted}"
        else
            examineAssembly say (bytes (archive.GetEntry wanted[0])))

examine tool (fun say archive metadata ->
    if not (metadata.ToString().Contains "DotnetTool") then
        say "is no tool"

    for assembly in tool :: [ for _, assembly, _ in libraries -> assembly ] do
        match archive.GetEntry $"tools/net10.0/any/{assembly}.dll" with
        | null -> say $"lacks {assembly}.dll"
        | entry -> examineAssembly (fun text -> say $"{entry.Name} {text}") (bytes entry))

let packed = Directory.GetFiles(folder, "*.nupkg").Length

if packed <> libraries.Length + 1 then
    faults.Add $"{packed} packages, not {libraries.Length + 1}"

for fault in faults do
    printfn $"{fault}"

if faults.Count > 0 then
    exit 1

printfn $"{packed} packages hold what they should"
