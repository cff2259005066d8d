using System.Globalization;
using System.Numerics;

namespace NoiseScale.Training.Data;

/// <summary>
/// The centre line of a written digit, in the unit square with y downwards, given in the words of SVG paths and flattened to short straight
/// pieces: <c>M x y</c> lifts the pen to a point, <c>L x y</c> draws a line, <c>Q</c> a quadratic and <c>C</c> a cubic Bézier curve.
/// </summary>
internal sealed class GlyphPath
{
    // Pieces are short even where the path is straight, because the distortion bends them afterwards.
    private const int PiecesPerLine = 6;
    private const int PiecesPerCurve = 10;

    private readonly List<Vector2> _points = [];
    private readonly List<bool> _penDown = [];

    /// <summary>Reads a path; numbers and letters are separated by blanks and every coordinate is absolute.</summary>
    public static GlyphPath Parse(string path)
    {
        var glyph = new GlyphPath();
        var words = new Queue<string>(path.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        while (words.TryDequeue(out var command))
        {
            switch (command)
            {
                case "M":
                    glyph.Add(Point(words), penDown: false);
                    break;
                case "L":
                    glyph.AddCurve(PiecesPerLine, Point(words));
                    break;
                case "Q":
                    glyph.AddCurve(PiecesPerCurve, Point(words), Point(words));
                    break;
                case "C":
                    glyph.AddCurve(PiecesPerCurve, Point(words), Point(words), Point(words));
                    break;
                default:
                    throw new FormatException($"'{command}' in the path '{path}'; commands are M, L, Q and C");
            }
        }

        return glyph;
    }

    /// <summary>The points the pen passes, in order.</summary>
    public IReadOnlyList<Vector2> Points => _points;

    /// <summary>Whether the pen is on the paper on its way to point i.</summary>
    public IReadOnlyList<bool> PenDown => _penDown;

    private static Vector2 Point(Queue<string> words) => new(Number(words), Number(words));

    private static float Number(Queue<string> words) => float.Parse(words.Dequeue(), CultureInfo.InvariantCulture);

    // A Bézier curve of any degree from the last point, by de Casteljau's repeated interpolation
    private void AddCurve(int pieces, params ReadOnlySpan<Vector2> controls)
    {
        Span<Vector2> start = [_points[^1], .. controls];
        Span<Vector2> work = new Vector2[start.Length];
        for (var i = 1; i <= pieces; i++)
        {
            start.CopyTo(work);
            for (var degree = work.Length - 1; degree > 0; degree--)
            {
                for (var k = 0; k < degree; k++)
                    work[k] = Vector2.Lerp(work[k], work[k + 1], (float)i / pieces);
            }

            Add(work[0], penDown: true);
        }
    }

    private void Add(Vector2 point, bool penDown)
    {
        _points.Add(point);
        _penDown.Add(penDown);
    }
}
