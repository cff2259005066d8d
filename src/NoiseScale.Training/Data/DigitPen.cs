using System.Numerics;
using System.Runtime.CompilerServices;

namespace NoiseScale.Training.Data;

/// <summary>Draws one distorted digit after another; the buffers are reused, so every thread has a pen of its own.</summary>
/// <remarks>Compiled in full at once: a command draws some thousands when it starts, and half of that time would pass before the runtime finds out.</remarks>
internal sealed class DigitPen(SyntheticDigitsSettings settings)
{
    private const int Size = SyntheticDigits.Size;
    private const float GlyphSize = 20; // pixels from the head of a digit to its foot, before scaling
    private const int Lattice = 4; // nodes of the elastic displacement in each direction

    private readonly Vector2[] _displacement = new Vector2[Lattice * Lattice];
    private readonly float[] _ink = new float[Size * Size];

    /// <summary>Draws a digit with the distortion that <paramref name="random"/> decides.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Draw(int digit, ref CounterRandom random, Span<byte> pixels)
    {
        var ways = Glyphs.OfDigit[digit];
        var glyph = ways[random.NextBelow(ways.Count)];
        var place = DrawPlacement(ref random);
        DrawDisplacement(ref random);
        var startWidth = (float)random.NextUniform(settings.MinimumStroke, settings.MaximumStroke);
        var endWidth = (float)random.NextUniform(settings.MinimumStroke, settings.MaximumStroke);
        var peak = (float)random.NextUniform(0.7, 1.0);

        Array.Clear(_ink);
        var points = glyph.Points;
        var from = default(Vector2);
        for (var i = 0; i < points.Count; i++)
        {
            var to = Vector2.Transform(points[i] + Displacement(points[i]), place);
            if (glyph.PenDown[i])
                AddPiece(from, to, float.Lerp(startWidth, endWidth, (float)i / points.Count));

            from = to;
        }

        for (var i = 0; i < pixels.Length; i++)
        {
            var grey = (peak * _ink[i]) + (float)(settings.Noise * random.NextNormal());
            pixels[i] = (byte)(255 * Math.Clamp(grey, 0, 1) + 0.5f);
        }
    }

    // unit square → pixels: centre, slant, scale, turn, shift
    private Matrix3x2 DrawPlacement(ref CounterRandom random)
    {
        var slant = (float)(settings.Shear * random.NextNormal());
        var width = GlyphSize * (float)Math.Exp(settings.Scale * random.NextNormal());
        var height = GlyphSize * (float)Math.Exp(settings.Scale * random.NextNormal());
        var turn = (float)(settings.Rotation * random.NextNormal() * Math.PI / 180);
        var shift = new Vector2((float)(settings.Translation * random.NextNormal()), (float)(settings.Translation * random.NextNormal()));
        return Matrix3x2.CreateTranslation(-0.5f, -0.5f)
            * new Matrix3x2(1, 0, slant, 1, 0, 0)
            * Matrix3x2.CreateScale(width, height)
            * Matrix3x2.CreateRotation(turn)
            * Matrix3x2.CreateTranslation(shift + new Vector2(Size / 2f));
    }

    private void DrawDisplacement(ref CounterRandom random)
    {
        var spread = settings.Elastic / GlyphSize;
        for (var i = 0; i < _displacement.Length; i++)
            _displacement[i] = new Vector2((float)(spread * random.NextNormal()), (float)(spread * random.NextNormal()));
    }

    // A uniform cubic B-spline over the lattice: twice continuously differentiable, so strokes bend and never break
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector2 Displacement(Vector2 point)
    {
        Span<float> x = stackalloc float[Lattice], y = stackalloc float[Lattice];
        SplineWeights(point.X, x);
        SplineWeights(point.Y, y);
        var sum = Vector2.Zero;
        for (var row = 0; row < Lattice; row++)
        {
            for (var column = 0; column < Lattice; column++)
                sum += y[row] * x[column] * _displacement[(row * Lattice) + column];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SplineWeights(float at, Span<float> weights)
    {
        for (var node = 0; node < Lattice; node++)
        {
            var distance = Math.Abs((at * (Lattice - 1)) - node);
            weights[node] = distance switch
            {
                < 1 => (2 / 3f) - (distance * distance * (1 - (distance / 2))),
                < 2 => (2 - distance) * (2 - distance) * (2 - distance) / 6,
                _ => 0,
            };
        }
    }

    // Ink of one straight piece with round ends: full within the pen's half-width of the centre line, fading over one pixel around its edge
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddPiece(Vector2 from, Vector2 to, float halfWidth)
    {
        var reach = halfWidth + 0.5f;
        var low = Vector2.Min(from, to) - new Vector2(reach);
        var high = Vector2.Max(from, to) + new Vector2(reach);
        var (left, right) = (Math.Max(0, (int)low.X), Math.Min(Size - 1, (int)high.X));
        var (top, bottom) = (Math.Max(0, (int)low.Y), Math.Min(Size - 1, (int)high.Y));
        var along = to - from;
        var lengthSquared = Math.Max(along.LengthSquared(), 1e-12f);
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var offset = new Vector2(x + 0.5f, y + 0.5f) - from;
                var t = Math.Clamp(Vector2.Dot(offset, along) / lengthSquared, 0, 1);
                var ink = reach - (offset - (t * along)).Length();
                ref var pixel = ref _ink[(y * Size) + x];
                pixel = Math.Max(pixel, Math.Clamp(ink, 0, 1));
            }
        }
    }
}
