using DiffSharp;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>
/// The gradient of a minibatch's penalised loss Ĉ + (λ/4)‖∇Ĉ‖², which is ∇Ĉ + (λ/2)·∇∇Ĉ·∇Ĉ, exact: the product with the Hessian is the
/// derivative of the gradient. (P6 section 3.1)
/// </summary>
internal sealed class PenalisedGradient(Network network, Tensor[] parameters, double coefficient) : IDisposable
{
    private static readonly Scalar One = 1.0.ToScalar();

    private readonly Scalar _half = (coefficient / 2).ToScalar();

    /// <summary>Loss without the penalty, and gradient with it, of a whole minibatch; both in the current dispose scope.</summary>
    public (Tensor Loss, Tensor[] Gradients) Of(in Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var loss = LossOf(batch);
        var gradients = Gradient.Of(loss, parameters, createGraph: true);
        var along = Array.ConvertAll(gradients, gradient => gradient.detach());
        var products = Gradient.VectorJacobian(gradients, parameters, along, allowUnused: true);
        return (loss.detach().MoveToOuterDisposeScope(), Total(along, products));
    }

    /// <summary>
    /// As the other, of a minibatch in pieces. The penalty is on the gradient of the whole, ĝ = Σⱼ (bⱼ/B)ĝⱼ: it has to be known before the
    /// products Σⱼ (bⱼ/B)·∇∇Ĉⱼ·ĝ can be summed, so every piece is passed through twice.
    /// </summary>
    /// <param name="batchSize">B.</param>
    /// <param name="pieces">Reads the pieces, one after the other, as often as it is asked.</param>
    public (Tensor Loss, Tensor[] Gradients) Of(int batchSize, IEnumerable<Func<Batch>> pieces)
    {
        using var scope = torch.NewDisposeScope();
        var total = torch.zeros(1, device: parameters[0].device);
        var gradients = ZerosLike();
        var products = ZerosLike();
        Add(gradients, loss =>
        {
            using (torch.no_grad())
                total.add_(loss, One);

            return Gradient.Of(loss, parameters);
        });
        Add(products, loss => Gradient.VectorJacobian(Gradient.Of(loss, parameters, createGraph: true), parameters, gradients, allowUnused: true));
        return (total.MoveToOuterDisposeScope(), Total(gradients, products));

        void Add(Tensor[] sums, Func<Tensor, Tensor[]> derivative)
        {
            foreach (var read in pieces)
            {
                using var inner = torch.NewDisposeScope();
                var batch = read();
                using var share = ((double)batch.Labels.size(0) / batchSize).ToScalar();
                var derivatives = derivative(LossOf(batch).mul(share));
                using var noGrad = torch.no_grad();
                for (var i = 0; i < sums.Length; i++)
                    sums[i].add_(derivatives[i], One);
            }
        }
    }

    public void Dispose() => _half.Dispose();

    private Tensor LossOf(in Batch batch) => torch.nn.functional.cross_entropy(network.Apply(parameters, batch.Images), batch.Labels);

    private Tensor[] ZerosLike()
    {
        using var noGrad = torch.no_grad();
        return Array.ConvertAll(parameters, parameter => torch.zeros_like(parameter));
    }

    private Tensor[] Total(Tensor[] gradients, Tensor[] products)
    {
        using var noGrad = torch.no_grad();
        var totals = new Tensor[gradients.Length];
        for (var i = 0; i < totals.Length; i++)
            totals[i] = gradients[i].add(products[i], _half).MoveToOuterDisposeScope();

        return totals;
    }
}
