using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>The gallery in a browser: nothing goes wrong, everything is drawn, links lead somewhere, and a phone, the dark and the keyboard will do.</summary>
internal static class GalleryBrowserTests
{
    private const int Phone = 390;

    private static readonly Lazy<Browser> Shared = new(() =>
    {
        var browser = new Browser();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => browser.Dispose();
        return browser;
    });

    public static Test All { get; } = Runner.TestList("gallery in a browser", [
        InBrowser("no page complains, and every plot is drawn, in the light and in the dark", () =>
        {
            foreach (var file in GalleryFixture.Pages)
            {
                foreach (var dark in (bool[])[false, true])
                {
                    Shared.Value.Open(file, dark, width: 1280, async (page, wrong) =>
                    {
                        var panels = await page.EvaluateExpressionAsync<int>("document.querySelectorAll('.panel').length");
                        if (panels > 0)
                            await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.panel')].every(p => p.querySelector('.scatterlayer .trace'))");

                        Check.Equal("", string.Join("; ", wrong), $"{file}: complaints");
                        Check.True(panels > 0 || Path.GetDirectoryName(file) == GalleryFixture.Folder, $"{file} has plots");
                    });
                }
            }
        }),
        InBrowser("every link, picture and script of a page lies in the gallery", () =>
        {
            foreach (var file in GalleryFixture.Pages)
            {
                Shared.Value.Open(file, dark: false, width: 1280, async (page, _) =>
                {
                    var targets = await page.EvaluateExpressionAsync<string[]>(
                        "[...document.querySelectorAll('[href], [src]')].map(e => e.getAttribute('href') ?? e.getAttribute('src'))");
                    Check.True(targets.Length > 0, $"{file} has links");

                    foreach (var target in targets.Where(target => !target.StartsWith("https://arxiv.org/abs/", StringComparison.Ordinal) && !target.StartsWith("data:", StringComparison.Ordinal)))
                    {
                        var parts = target.Split('#', 2);
                        var path = parts[0].Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]));
                        Check.True(path.StartsWith(GalleryFixture.Folder, StringComparison.Ordinal) && File.Exists(path), $"{file}: {target} lies in the gallery");
                        if (parts.Length == 2)
                            Check.Has($"id=\"{parts[1]}\"", File.ReadAllText(path), $"{file}: the place {target}");
                    }
                });
            }
        }),
        InBrowser("on a phone no page scrolls sideways, and what is folded away does not either", () =>
        {
            foreach (var file in GalleryFixture.Pages)
            {
                Shared.Value.Open(file, dark: false, width: Phone, async (page, _) =>
                {
                    await page.EvaluateExpressionAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
                    var width = await page.EvaluateExpressionAsync<int>("document.documentElement.scrollWidth");
                    Check.True(width <= Phone, $"{file} is {width} wide on a screen of {Phone}");
                });
            }
        }),
        InBrowser("words stand out from the page, in the light and in the dark", () =>
        {
            foreach (var dark in (bool[])[false, true])
            {
                Shared.Value.Open(Path.Combine(GalleryFixture.Folder, "index.html"), dark, width: 1280, async (page, _) =>
                {
                    var ground = await page.EvaluateExpressionAsync<double>($"{Luminance} luminance(getComputedStyle(document.body).backgroundColor)");
                    Check.True(dark ? ground < 0.05 : ground > 0.9, $"the page is {(dark ? "dark" : "light")}: {ground}");
                    var contrasts = await page.EvaluateExpressionAsync<double[]>(
                        Luminance + "['body', 'a', '.dim', '.holds', '.within', '.fails', '.untested', 'summary'].map(s => {"
                        + "const [a, b] = [getComputedStyle(document.querySelector(s)).color, getComputedStyle(document.body).backgroundColor].map(luminance);"
                        + "return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })");
                    Check.True(contrasts.Min() >= 4.5, $"contrasts {string.Join(' ', contrasts.Select(c => $"{c:F1}"))}");
                });
            }
        }),
        InBrowser("headings, landmarks and text alternatives are right, and the keyboard gets everywhere", () =>
        {
            foreach (var file in GalleryFixture.Pages)
            {
                Shared.Value.Open(file, dark: false, width: 1280, async (page, _) =>
                {
                    var levels = await page.EvaluateExpressionAsync<int[]>("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => +h.tagName[1])");
                    Check.Equal(1, levels.Count(level => level == 1), $"{file}: first headings");
                    Check.True(levels[0] == 1 && levels.Zip(levels.Skip(1)).All(pair => pair.Second <= pair.First + 1), $"{file}: no level is left out of {string.Join(' ', levels)}");
                    Check.Equal(1, await page.EvaluateExpressionAsync<int>("document.querySelectorAll('main').length"), $"{file}: main parts");
                    Check.Equal(
                        0, await page.EvaluateExpressionAsync<int>("[...document.querySelectorAll('img')].filter(i => !i.alt).length"), $"{file}: pictures without words");
                    Check.Equal(
                        0, await page.EvaluateExpressionAsync<int>("[...document.querySelectorAll('.panel, .thumbnail svg')].filter(p => !p.getAttribute('aria-label')).length"),
                        $"{file}: plots without words");
                    await page.Keyboard.PressAsync("Tab");
                    Check.Equal("skip", await page.EvaluateExpressionAsync<string>("document.activeElement.className"), $"{file}: the first stop");
                    Check.Equal(
                        0, await page.EvaluateExpressionAsync<int>("[...document.querySelectorAll('a, summary')].filter(e => e.tabIndex < 0).length"), $"{file}: out of reach");
                });
            }
        }),
    ]);

    private const string Luminance =
        "function luminance(c) { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });"
        + " return 0.2126 * r + 0.7152 * g + 0.0722 * b; } ";

    private static Test InBrowser(string name, Action test) => Runner.TestCase(name, () =>
    {
        if (Browser.Program is null)
            Console.WriteLine($"gallery in a browser, {name}: skipped: no chromium");
        else
            test();
    });
}
