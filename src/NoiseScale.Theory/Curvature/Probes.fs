namespace NoiseScale.Theory.Curvature

open DiffSharp

/// Random vectors that operators are probed with.
module internal Probes =

    let requireCount name least count =
        if count < least then
            invalidArg name $"there are at least {least}, not {count}"

    /// Columns of independent signs ±1: of all probes with E[zzᵀ] = 1 those of least variance.
    let signs (generator: Generator) (operator: SymmetricOperator) (count: int) : Tensor =
        let halves =
            dsharp.full ([ operator.Size; count ], 0.5, dtype = operator.Dtype, device = operator.Device)

        halves.bernoulli (generator = generator) * 2.0 - 1.0

    /// A column of standard normal numbers.
    let normal (generator: Generator) (operator: SymmetricOperator) : Tensor =
        dsharp.randn ([ operator.Size ], dtype = operator.Dtype, device = operator.Device, generator = generator)

    /// So many at a time, so that memory stays at some vectors of the operator's size.
    let chunks (count: int) : int list = [ for first in 0..16 .. count - 1 -> min 16 (count - first) ]
