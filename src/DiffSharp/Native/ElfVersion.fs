/// Weakening one symbol-version need of an ELF shared library.
///
/// A library built with a new compiler may need a version node (for example GLIBCXX_3.4.32) of a system library only for a marker
/// symbol that no relocation refers to. The dynamic linker refuses to load it where the node is absent. With the flag VER_FLG_WEAK
/// set in that one entry of the version-need table the linker merely notes the absence and loads the library.
module internal DiffSharp.Native.ElfVersion

open System
open System.Buffers.Binary
open System.Text

/// Why a library cannot be weakened.
type WeakenError =
    /// The file is not a 64-bit little-endian ELF file.
    | NotElf64 of reason: string
    /// A table points outside the file.
    | Damaged of reason: string
    /// The library does not need that version at all.
    | VersionNotNeeded of version: string
    /// The version carries symbols that code really uses: without it the library would crash later.
    | VersionInUse of version: string * symbols: string list

    /// The error as a sentence.
    member this.Message =
        match this with
        | NotElf64 reason -> $"not a 64-bit little-endian ELF library ({reason})"
        | Damaged reason -> $"damaged ELF library ({reason})"
        | VersionNotNeeded version -> $"the library does not need the symbol version {version}"
        | VersionInUse(version, symbols) ->
            let names = String.Join(", ", symbols)
            $"the library really uses the symbol version {version}, for {names}"

/// The symbols that a compiler leaves behind as a mere mark of the library version it was built against.
let private markers = set [ "_ZSt21ios_base_library_initv" ]

[<Literal>]
let private DynamicSymbols = 11u // SHT_DYNSYM

[<Literal>]
let private VersionNeeds = 0x6ffffffeu // SHT_GNU_verneed

[<Literal>]
let private SymbolVersions = 0x6fffffffu // SHT_GNU_versym

[<Literal>]
let private WeakFlag = 2uy // VER_FLG_WEAK

exception private OutOfFile of string

/// Reads little-endian numbers and strings, and refuses to leave the file.
type private Reader(file: byte[]) =
    let span (offset: uint64) (length: int) what =
        if offset > uint64 file.Length || uint64 file.Length - offset < uint64 length then
            raise (OutOfFile $"{what} at offset {offset} of {file.Length} bytes")

        ReadOnlySpan(file, int offset, length)

    member _.U16 offset = BinaryPrimitives.ReadUInt16LittleEndian(span offset 2 "a half word")
    member _.U32 offset = BinaryPrimitives.ReadUInt32LittleEndian(span offset 4 "a word")
    member _.U64 offset = BinaryPrimitives.ReadUInt64LittleEndian(span offset 8 "a double word")

    member _.Text(offset: uint64) =
        let _ = span offset 1 "a name"

        match Array.IndexOf(file, 0uy, int offset) with
        | -1 -> raise (OutOfFile $"an unfinished name at offset {offset}")
        | stop -> Encoding.ASCII.GetString(file, int offset, stop - int offset)

/// One row of the section header table.
type private Section = { Kind: uint32; Offset: uint64; Size: uint64; Link: int }

let private sections (read: Reader) =
    let table, rowSize, count = read.U64 0x28UL, uint64 (read.U16 0x3AUL), uint64 (read.U16 0x3CUL)

    if count = 0UL then
        raise (OutOfFile "no section table")

    // the last row to its end: a file cut short is found out here
    read.U64(table + count * rowSize - 8UL) |> ignore

    [| for i in 0UL .. count - 1UL do
           let row = table + i * rowSize

           { Kind = read.U32(row + 4UL)
             Offset = read.U64(row + 24UL)
             Size = read.U64(row + 32UL)
             Link = int (read.U32(row + 40UL)) } |]

let private linked (all: Section[]) (section: Section) =
    if section.Link < 0 || section.Link >= all.Length then
        raise (OutOfFile $"section link {section.Link} of {all.Length}")

    all[section.Link]

/// The entries of the version-need tables that name the version: (offset of the entry, version index).
let private needs (read: Reader) (all: Section[]) (version: string) =
    let found = ResizeArray<struct (uint64 * uint16)>()

    // Files and entries are chains of unsigned steps forward, 0 at the end: they can leave the file, which is refused, but not loop.
    let rec walkEntries names (entry: uint64) left =
        if read.Text(names + uint64 (read.U32(entry + 8UL))) = version then
            found.Add(struct (entry, read.U16(entry + 6UL)))

        let step = read.U32(entry + 12UL)

        if step > 0u && left > 1us then
            walkEntries names (entry + uint64 step) (left - 1us)

    let rec walkFiles names (file: uint64) =
        let count = read.U16(file + 2UL)

        if count > 0us then
            walkEntries names (file + uint64 (read.U32(file + 8UL))) count

        let step = read.U32(file + 12UL)

        if step > 0u then
            walkFiles names (file + uint64 step)

    for table in all do
        if table.Kind = VersionNeeds then
            walkFiles (linked all table).Offset table.Offset

    List.ofSeq found

/// The names of the dynamic symbols that carry one of the version indices.
let private symbolsOf (read: Reader) (all: Section[]) (indices: Set<uint16>) =
    [ for versions in all do
          if versions.Kind = SymbolVersions then
              let symbols = linked all versions
              let names = (linked all symbols).Offset

              if symbols.Kind <> DynamicSymbols then
                  raise (OutOfFile "symbol versions that belong to no dynamic symbols")

              // the last entry first: the whole table is then known to lie in the file
              let count = versions.Size / 2UL

              if count > 0UL then
                  read.U16(versions.Offset + 2UL * (count - 1UL)) |> ignore

              for i in 0 .. int count - 1 do
                  // bit 15 only says that the symbol is hidden
                  if indices.Contains(read.U16(versions.Offset + 2UL * uint64 i) &&& 0x7fffus) then
                      read.Text(names + uint64 (read.U32(symbols.Offset + 24UL * uint64 i))) ]

/// A copy of the library in which the need for the version is weak; the original is left alone.
let weaken (version: string) (library: byte[]) : Result<byte[], WeakenError> =
    let header = ReadOnlySpan(library, 0, min library.Length 6)

    if library.Length < 64 then
        Error(NotElf64 $"{library.Length} bytes")
    elif not (header.SequenceEqual(ReadOnlySpan [| 0x7Fuy; 'E'B; 'L'B; 'F'B; 2uy; 1uy |])) then
        Error(NotElf64 "its first bytes say otherwise")
    else
        try
            let read = Reader library
            let all = sections read

            match needs read all version with
            | [] -> Error(VersionNotNeeded version)
            | found ->
                match symbolsOf read all (set [ for struct (_, index) in found -> index ]) |> List.filter (markers.Contains >> not) with
                | [] ->
                    let copy = Array.copy library

                    for struct (entry, _) in found do
                        copy[int entry + 4] <- copy[int entry + 4] ||| WeakFlag

                    Ok copy
                | used -> Error(VersionInUse(version, used))
        with OutOfFile reason ->
            Error(Damaged reason)
