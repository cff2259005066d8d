// Results that are not training runs, kept on the disk beside them: one JSON file, named by the hash of everything that decides its numbers.
#load "figure.fsx"

open System
open System.IO
open System.Security.Cryptography
open System.Text
open System.Text.Json
open System.Text.Json.Serialization
open NoiseScale.Training.Runs
open Figure

let private format =
    JsonSerializerOptions(WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)

/// What was computed under a key before, or what is computed now. The key says all that decides the numbers; the library's version joins it.
let cached (arguments: Arguments) (name: string) (key: string) (compute: unit -> 'result) : 'result =
    let hash =
        SHA256.HashData(Encoding.UTF8.GetBytes $"{RunSpec.LibraryVersion}\n{key}") |> Convert.ToHexStringLower

    let folder = Path.Combine(arguments.Out, "results")
    let path = Path.Combine(folder, $"{name}-{hash}.json")

    let found =
        try
            if File.Exists path then
                JsonSerializer.Deserialize<'result>(File.ReadAllText path, format) |> Option.ofObj
            else
                None
        with :? JsonException as e ->
            eprintfn $"{path} is damaged ({e.Message}); it is computed again"
            None

    match found with
    | Some result -> result
    | None ->
        let result = compute ()
        Directory.CreateDirectory folder |> ignore
        let temporary = $"{path}.{Environment.ProcessId}.tmp"
        File.WriteAllText(temporary, JsonSerializer.Serialize(result, format))
        File.Move(temporary, path, overwrite = true)
        result
