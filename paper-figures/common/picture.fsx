// Pictures: PNG and SVG of a panel through headless Chromium, where it is installed. The page calls Plotly.toImage and leaves the
// image in the document, which Chromium then prints.
#load "page.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text

let private browser =
    lazy
        (let folders =
            (Environment.GetEnvironmentVariable "PATH" |> Option.ofObj |> Option.defaultValue "").Split Path.PathSeparator

         [ for name in [ "chromium"; "chromium-browser"; "google-chrome" ] do
               for folder in folders do
                   Path.Combine(folder, name) ]
         |> List.tryFind File.Exists)

let available () = browser.Value.IsSome

let private dump (browser: string) (page: string) =
    let profile = Directory.CreateTempSubdirectory("noisescale").FullName

    try
        let start = ProcessStartInfo(browser, RedirectStandardOutput = true, RedirectStandardError = true)

        [ "--headless"
          "--no-sandbox"
          "--disable-gpu"
          "--disable-quic"
          "--no-first-run"
          "--disable-background-networking"
          "--disable-component-update"
          "--disable-sync"
          "--allow-file-access-from-files"
          $"--user-data-dir={profile}"
          "--virtual-time-budget=30000"
          "--dump-dom"
          Uri(page).AbsoluteUri ]
        |> List.iter start.ArgumentList.Add

        use child = Process.Start start |> nonNull
        let output = child.StandardOutput.ReadToEndAsync()
        let errors = child.StandardError.ReadToEndAsync()

        if child.WaitForExit 120_000 then
            output.Wait()
            errors.Wait()
            output.Result
        else
            child.Kill true
            ""
    finally
        try
            Directory.Delete(profile, true)
        with _ ->
            ()

/// Writes figNa.png, figNa.svg, … beside the figure; one browser start makes them all. Answers how many were made.
let write (folder: string) (key: string) (panels: Panel.Panel list) =
    match browser.Value with
    | None -> 0
    | Some browser ->
        let charts = panels |> List.map Panel.json |> String.concat ",\n"
        let plotly = NoiseScale.Cli.Gallery.PaperPages.Plotly folder

        let page =
            $$"""<!DOCTYPE html><html><head><meta charset="utf-8"><script src="{{plotly}}"></script></head><body><script>
const figures = [{{charts}}];
(async () => {
  let out = '';
  for (let i = 0; i < figures.length; i++) {
    const layout = Object.assign(figures[i].layout, { width: 640, height: 440, paper_bgcolor: '#fff', plot_bgcolor: '#fff', font: { color: '#1b1f24', size: 13 } });
    delete layout.template;
    for (const axis of ['xaxis', 'yaxis']) if (layout[axis].type === 'log' && !layout[axis].nticks) Object.assign(layout[axis], { exponentformat: 'power', dtick: layout[axis].dtick ?? 'D2' });
    const node = document.createElement('div'); document.body.appendChild(node);
    await Plotly.newPlot(node, figures[i].data, layout, { staticPlot: true });
    for (const format of ['png', 'svg'])
      out += i + ' ' + format + ' ' + await Plotly.toImage(node, { format, width: 640, height: 440, scale: format === 'png' ? 2 : 1 }) + '\n';
  }
  document.body.textContent = out + 'end';
})();
</script></body></html>"""

        let file = Path.Combine(folder, $".{key}-picture.html")
        File.WriteAllText(file, page)

        try
            let text = dump browser (Path.GetFullPath file)
            let mutable made = 0

            for line in text.Split '\n' do
                match line.Substring(line.LastIndexOf '>' + 1).Split(' ', 3) with
                | [| index; format; url |] when url.StartsWith "data:image" ->
                    let data = url.Substring(url.IndexOf ',' + 1)

                    let bytes =
                        if format = "svg" then
                            Encoding.UTF8.GetBytes(Uri.UnescapeDataString(data.Replace("&amp;", "&")))
                        else
                            Convert.FromBase64String data

                    let suffix = if panels.Length = 1 then "" else string (char (int 'a' + int index))
                    File.WriteAllBytes(Path.Combine(folder, $"{key}{suffix}.{format}"), bytes)
                    made <- made + 1
                | _ -> ()

            made
        finally
            File.Delete file
