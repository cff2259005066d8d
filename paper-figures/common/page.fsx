// Pages: each figure leaves figN.js (its panels, claims and provenance) and figN.html in the output folder, and the index is written
// anew from whatever figures lie there. One plotly.min.js, taken from Plotly.NET itself, serves them all: no page needs a network.
#load "claims.fsx"

open System
open System.IO
open System.Net
open System.Text.Json
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

let private encode (text: string) = WebUtility.HtmlEncode text |> nonNull

/// The same page for a person in the light, in the dark, and on a phone.
let private style =
    """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #f3f4f6; --line: #d5d8dd; --dim: #5a6472; --accent: #2f6fb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #14171b; --soft: #1d2127; --line: #363c45; --dim: #9aa4b1; --accent: #7fb2e6; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.2rem clamp(0.8rem, 3vw, 2rem) 4rem; background: var(--paper); color: var(--ink);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.6rem 0 0.3rem; }
a { color: var(--accent); } p { max-width: 62rem; } .dim { color: var(--dim); }
nav { display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0.8rem; }
.panel { min-width: 0; height: 26rem; border: 1px solid var(--line); border-radius: 6px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: 0.8rem 0; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); } th { color: var(--dim); font-weight: 600; }
.verdict { white-space: nowrap; font-weight: 600; } .holds { color: #2e8b57; } .fails { color: #d1495b; } .within { color: #c98a1b; } .untested { color: var(--dim); }
code, pre { font: 0.88rem/1.45 ui-monospace, monospace; background: var(--soft); border-radius: 4px; } code { padding: 0.1rem 0.3rem; } pre { padding: 0.6rem 0.8rem; overflow-x: auto; }
details { margin: 0.6rem 0; } summary { cursor: pointer; color: var(--dim); } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; font-size: 0.88rem; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
"""

let private script =
    """
function draw(key) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const ink = dark ? '#e6e8eb' : '#1b1f24', line = dark ? '#363c45' : '#d5d8dd';
  window.figures[key].forEach((figure, i) => {
    const node = document.getElementById(key + '-' + i);
    const layout = structuredClone(figure.layout);
    delete layout.width; delete layout.height; delete layout.template;
    Object.assign(layout, { paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', autosize: true, font: { color: ink, size: 13 },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: line, activecolor: ink } });
    layout.title.font = { size: 15, color: ink };
    for (const axis of ['xaxis', 'yaxis']) Object.assign(layout[axis], { gridcolor: line, linecolor: line, automargin: true }, layout[axis].type === 'log' ? { exponentformat: 'power', dtick: layout[axis].dtick ?? 'D2' } : {});
    Plotly.react(node, figure.data, layout, { responsive: true, displaylogo: false, modeBarButtonsToRemove: ['select2d', 'lasso2d'] });
  });
}
function drawAll() { for (const key in window.figures) if (document.getElementById(key + '-0')) draw(key); }
addEventListener('load', drawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
"""

let private verdictClass verdict =
    match verdict with
    | Holds -> "holds"
    | WithinBand -> "within"
    | Fails -> "fails"
    | NotTestable -> "untested"

let private claimsTable (claims: Claim list) =
    let row (c: Claim) =
        $"<tr><td>{encode c.Claim}</td><td>{encode c.Paper}</td><td>{encode c.Ours}</td>"
        + $"<td class=\"verdict {verdictClass c.Verdict}\">{verdictText c.Verdict}</td></tr>"

    let rows = claims |> List.map row |> String.concat "\n"
    $"<div class=\"scroll\"><table><thead><tr><th>claim</th><th>the paper</th><th>ours</th><th>verdict</th></tr></thead><tbody>{rows}</tbody></table></div>"

/// One figure as a section of a page.
let private section (page: FigurePage) =
    let panels =
        page.Panels
        |> List.mapi (fun i panel -> $"<div class=\"panel\" id=\"{page.Key}-{i}\" role=\"img\" aria-label=\"{encode panel.Text}\"></div>")
        |> String.concat "\n"

    let provenance =
        page.Provenance |> List.map (fun (name, value) -> $"<dt>{encode name}</dt><dd>{encode value}</dd>") |> String.concat ""

    $"""<section><h2 id="{page.Key}">{encode page.Title}</h2>
<p class="dim">{encode page.Caption}</p>
<div class="panels">{panels}</div>
{claimsTable page.Claims}
<details><summary>Provenance and the command that makes it again</summary><pre>{encode page.Command}</pre><dl>{provenance}</dl></details></section>"""

let private html (title: string) (scripts: string list) (body: string) =
    let scripts = scripts |> List.map (fun s -> $"<script src=\"{s}\"></script>") |> String.concat "\n"

    $"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{encode title}</title><style>{style}</style>
<script src="plotly.min.js"></script>
{scripts}
<script>{script}</script></head><body>
{body}
</body></html>
"""

/// plotly.min.js out of Plotly.NET's own resources.
let private ensurePlotly folder =
    let target = Path.Combine(folder, "plotly.min.js")

    if not (File.Exists target) then
        let assembly = typeof<Plotly.NET.GenericChart>.Assembly

        let name =
            assembly.GetManifestResourceNames() |> Array.find (fun n -> n.Contains "plotly" && n.EndsWith ".min.js")

        use source = assembly.GetManifestResourceStream name |> nonNull
        use file = File.Create target
        source.CopyTo file

let private figuresIn folder =
    let key (file: string) = Path.GetFileNameWithoutExtension file |> nonNull

    // a figure's summary lies beside its charts
    Directory.GetFiles(folder, "*.json")
    |> Array.filter (fun f -> File.Exists(Path.ChangeExtension(f, ".js")))
    |> Array.sortBy (fun f -> not ((key f).StartsWith "fig"), (key f).Length, key f)
    |> Array.map (fun f ->
        JsonSerializer.Deserialize<{| Key: string; Title: string; Section: string; Claims: string |}>(File.ReadAllText f)
        |> nonNull)

/// Writes the index of a paper from the figures that lie in its folder.
let writeIndex (folder: string) (paper: string) (intro: string) =
    let figures = figuresIn folder

    let links =
        figures |> Array.map (fun f -> $"<a href=\"#{f.Key}\">{encode f.Title}</a>") |> String.concat "\n"

    let sections = figures |> Array.map _.Section |> String.concat "\n"
    let scripts = [ for f in figures -> f.Key + ".js" ]
    let body = $"<h1>{encode paper}</h1><p>{intro}</p><nav>{links}</nav>{sections}"
    File.WriteAllText(Path.Combine(folder, "index.html"), html paper scripts body)

    // the claims of all figures in one table, for the README of the paper
    let ledger = figures |> Array.map (fun f -> $"### {f.Title}\n\n{f.Claims}\n") |> String.concat "\n"
    File.WriteAllText(Path.Combine(folder, "claims.md"), ledger)

/// Writes a figure's files; the pictures (PNG, SVG) are made where Chromium is installed.
let write (folder: string) (page: FigurePage) =
    Directory.CreateDirectory folder |> ignore
    ensurePlotly folder
    let charts = page.Panels |> List.map json |> String.concat ",\n"
    let file name = Path.Combine(folder, name)
    File.WriteAllText(file $"{page.Key}.js", $"(window.figures ??= {{}})['{page.Key}'] = [{charts}];\n")
    let body = section page

    File.WriteAllText(
        file $"{page.Key}.html",
        html page.Title [ page.Key + ".js" ] (body + "<p><a href=\"index.html\">All figures</a></p>")
    )

    let summary =
        {| Key = page.Key
           Title = page.Title
           Section = body
           Claims = markdown page.Claims |}

    File.WriteAllText(file $"{page.Key}.json", JsonSerializer.Serialize summary)
