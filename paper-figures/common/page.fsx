// Pages: each figure leaves figN.js (its panels), figN.json (claims, provenance) and figN.html in the output folder, and the index is written
// anew from whatever figures lie there. The pages themselves are those of the command line, NoiseScale.Cli.Gallery.
#load "thumbnail.fsx"

open System
open NoiseScale.Cli.Gallery
open Panel
open Claims

type FigurePage =
    {
        /// "fig2"
        Key: string
        Title: string
        Caption: string
        Panels: Panel list
        Claims: Claim list
        /// what produced it: seeds, hashes, versions, device, threads, wall-clock
        Provenance: (string * string) list
        /// the command that makes it again
        Command: string
    }

let private row (c: Claim) = ClaimRow(c.Claim, c.Paper, c.Ours, verdictText c.Verdict)

/// Writes the index of a paper from the figures that lie in its folder.
let writeIndex (folder: string) (paper: string) (intro: string) = PaperPages.WriteIndex(folder, paper, intro)

/// Writes a figure's files; the pictures (PNG, SVG) are made where Chromium is installed.
let write (folder: string) (profile: string) (page: FigurePage) =
    let summary =
        FigureSummary(
            Key = page.Key,
            Title = page.Title,
            Caption = page.Caption,
            Panels = [| for p in page.Panels -> p.Text |],
            Claims = [| for c in page.Claims -> row c |],
            Provenance = [| for name, value in page.Provenance -> [| name; value |] |],
            Profile = profile,
            Seconds = Math.Round((DateTime.Now - Diagnostics.Process.GetCurrentProcess().StartTime).TotalSeconds, 1),
            Command = page.Command,
            Thumbnail = (page.Panels |> List.tryHead |> Option.map Thumbnail.svg |> Option.defaultValue ""),
            // the command line says by this what the page was made from, and runs what is stale
            Stamp = (Environment.GetEnvironmentVariable "NOISESCALE_STAMP" |> Option.ofObj |> Option.defaultValue "")
        )

    PaperPages.WriteFigure(folder, summary, page.Panels |> List.map json)
