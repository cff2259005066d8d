namespace NoiseScale.Training.Networks;

/// <summary>How a network normalises channels: by ghost batches, by ghost batches while measuring, or by given statistics.</summary>
/// <remarks>One instance serves one pass: it counts the normalisations in the order in which they come.</remarks>
internal abstract class Normaliser
{
    // the constant added to variances; PyTorch's default, as in the public implementations of Wide-ResNets
    protected const double Epsilon = 1e-5;

    /// <summary>scale·(x − mean)/√(variance + 10⁻⁵) + shift for each channel of x [k, channels, height, width].</summary>
    public abstract Tensor Apply(Tensor activations, Tensor scale, Tensor shift);

    /// <summary>Each ghost batch by its own mean and (biased) variance; a pure function of the activations.</summary>
    internal class Ghost(int ghostSize) : Normaliser
    {
        public override Tensor Apply(Tensor activations, Tensor scale, Tensor shift)
        {
            var count = activations.shape[0];
            if (count <= ghostSize)
                return ApplyToGhost(activations, scale, shift);

            var ghosts = new Tensor[(count + ghostSize - 1) / ghostSize];
            for (var i = 0; i < ghosts.Length; i++)
            {
                var first = (long)i * ghostSize;
                ghosts[i] = ApplyToGhost(activations.narrow(0, first, Math.Min(ghostSize, count - first)), scale, shift);
            }

            return torch.cat(ghosts);
        }

        protected virtual Tensor ApplyToGhost(Tensor ghost, Tensor scale, Tensor shift)
        {
            RequireVariance(ghost);
            return torch.nn.functional.batch_norm(ghost, null!, null!, scale, shift, training: true, eps: Epsilon);
        }

        // checked here because libtorch's own refusal names neither the ghost batch nor the cure
        private static void RequireVariance(Tensor ghost)
        {
            var shape = ghost.shape;
            if (shape[0] * shape[2] * shape[3] < 2)
            {
                throw new ArgumentException(
                    "a ghost batch of one image has a single number in each channel and so no variance; "
                    + "use larger images or a batch size without such a remainder",
                    "images");
            }
        }
    }

    /// <summary>As <see cref="Ghost"/>, and sums up the mean and unbiased variance of each ghost batch, weighted by its size.</summary>
    internal sealed class Measuring(int ghostSize) : Ghost(ghostSize)
    {
        private readonly List<(Tensor Mean, Tensor Variance)> _sums = [];
        private long _weight;
        private int _next;

        /// <summary>The statistics over batches: a pass of each through the network with this normaliser; without gradient.</summary>
        /// <exception cref="ArgumentException">There are no batches.</exception>
        public static NetworkStatistics Over(int ghostSize, IEnumerable<Tensor> batches, Action<Tensor, Normaliser> pass)
        {
            ArgumentNullException.ThrowIfNull(batches);
            using var noGrad = torch.no_grad();
            var measuring = new Measuring(ghostSize);
            var type = torch.ScalarType.Float32;
            try
            {
                foreach (var images in batches)
                {
                    using var scope = torch.NewDisposeScope();
                    measuring.Begin(images.shape[0]);
                    type = images.dtype;
                    pass(images, measuring);
                }

                return measuring.IsEmpty
                    ? throw new ArgumentException("holds no batch; the statistics need at least one", nameof(batches))
                    : measuring.Finish(type);
            }
            finally
            {
                measuring.Discard();
            }
        }

        /// <summary>Whether nothing has been measured.</summary>
        public bool IsEmpty => _weight == 0;

        /// <summary>Begins a batch of so many images.</summary>
        public void Begin(long count)
        {
            _weight += count;
            _next = 0;
        }

        public override Tensor Apply(Tensor activations, Tensor scale, Tensor shift)
        {
            if (_next == _sums.Count)
            {
                var zeros = torch.zeros(activations.shape[1], torch.ScalarType.Float64, activations.device);
                _sums.Add((zeros.DetachFromDisposeScope(), zeros.clone().DetachFromDisposeScope()));
            }

            var normalised = base.Apply(activations, scale, shift);
            _next++;
            return normalised;
        }

        /// <summary>The averages over everything measured; ends the use of this instance.</summary>
        public NetworkStatistics Finish(torch.ScalarType type)
        {
            using var scope = torch.NewDisposeScope();
            var statistics = new NetworkStatistics(
                [.. _sums.Select(sum => sum.Mean.Over(_weight).to(type))], [.. _sums.Select(sum => sum.Variance.Over(_weight).to(type))]);
            Discard();
            return statistics;
        }

        /// <summary>Frees the sums.</summary>
        public void Discard()
        {
            foreach (var (mean, variance) in _sums)
            {
                mean.Dispose();
                variance.Dispose();
            }

            _sums.Clear();
        }

        protected override Tensor ApplyToGhost(Tensor ghost, Tensor scale, Tensor shift)
        {
            var normalised = base.ApplyToGhost(ghost, scale, shift);
            var size = ghost.shape[0];
            var (variance, mean) = torch.var_mean(ghost, [0, 2, 3], unbiased: true);
            _sums[_next].Mean.Add(mean.to(torch.ScalarType.Float64), size);
            _sums[_next].Variance.Add(variance.to(torch.ScalarType.Float64), size);
            return normalised;
        }
    }

    /// <summary>Every image by the same given statistics.</summary>
    internal sealed class Fixed(NetworkStatistics statistics) : Normaliser
    {
        private int _next;

        public override Tensor Apply(Tensor activations, Tensor scale, Tensor shift)
        {
            var (mean, variance) = (statistics.Means[_next], statistics.Variances[_next]);
            _next++;
            return torch.nn.functional.batch_norm(activations, mean, variance, scale, shift, training: false, eps: Epsilon);
        }
    }
}
