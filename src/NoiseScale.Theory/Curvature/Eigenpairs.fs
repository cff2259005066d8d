namespace NoiseScale.Theory.Curvature

open DiffSharp

/// An approximate eigenvalue with its vector.
type EigenPair =
    {
        /// θ
        Value: float
        /// y, [p], of norm 1
        Vector: Tensor
        /// ‖Ay − θy‖: an eigenvalue of A lies within this of θ
        Residual: float
    }

/// Which end of a spectrum.
[<RequireQualifiedAccess>]
type SpectrumEnd =
    /// the largest eigenvalues, largest first
    | Largest
    /// the smallest eigenvalues, smallest first
    | Smallest

/// <summary>The outermost eigenvalues of an operator with their vectors, by Lanczos' method.</summary>
[<RequireQualifiedAccess>]
module Eigenpairs =

    /// θ, y and the residual that Lanczos' coupling gives, of the outermost so many.
    let private ofProcess (operator: SymmetricOperator) end' count (run: LanczosProcess) =
        let values, vectors = Tridiagonal.eigen run.Tridiagonal
        let k = values.Length

        let chosen =
            match end' with
            | SpectrumEnd.Largest -> [ for i in 0 .. (min count k) - 1 -> k - 1 - i ]
            | SpectrumEnd.Smallest -> [ 0 .. (min count k) - 1 ]

        let vector i =
            let coordinates = Array.init k (fun row -> vectors[row, i])
            run.Vectors.matmul (dsharp.tensor (coordinates, dtype = operator.Dtype, device = operator.Device))

        let size = max (abs values[0]) (abs values[k - 1])
        let bounds = chosen |> List.map (fun i -> abs (run.Residual * vectors[k - 1, i]))

        // vectors when the run is over, not at every look
        size, bounds, fun () -> List.map2 (fun i bound -> { Value = values[i]; Vector = vector i; Residual = bound }) chosen bounds

    /// <summary>The outermost eigenvalues of one end with their vectors, each as often as it is repeated.</summary>
    /// <remarks>One run sees one direction of each eigenspace. So what is found is locked, and a run in the space orthogonal to it looks for more, until
    /// one finds nothing further out: as a rule that doubles the products, and they are what <c>mostProducts</c> bounds.</remarks>
    /// <param name="end'">which</param>
    /// <param name="count">how many, 1 … p</param>
    /// <param name="tolerance">residuals at most this, relative to the largest magnitude of the spectrum: 1e-8, say</param>
    /// <param name="mostProducts">of A with a vector, before one each for the residuals; where they run out the residuals say how far it came</param>
    /// <param name="seed">of the start vectors</param>
    /// <param name="operator">A</param>
    /// <returns>so many pairs of orthonormal vectors, outermost first</returns>
    /// <exception cref="T:System.ArgumentException">The count is not in 1 … p or above the products, the tolerance is not positive, or a product is not finite.</exception>
    let outermost
        (end': SpectrumEnd)
        (count: int)
        (tolerance: float)
        (mostProducts: int)
        (seed: int64)
        (operator: SymmetricOperator)
        : EigenPair list =
        if count < 1 || count > operator.Size then
            invalidArg (nameof count) $"there are 1 to {operator.Size} eigenvalues to ask for, not {count}"

        if mostProducts < count then
            invalidArg (nameof mostProducts) $"{count} eigenvalues take as many products at least, not {mostProducts}"

        if not (tolerance > 0.0) then
            invalidArg (nameof tolerance) $"a tolerance is positive, not {tolerance}"

        // how far out, whichever the end
        let height pair =
            match end' with
            | SpectrumEnd.Largest -> pair.Value
            | SpectrumEnd.Smallest -> -pair.Value

        dsharp.scope (fun () ->
            let generator = Generator(seed, Device.CPU)

            let rec rounds (locked: EigenPair list) spent largest =
                if locked.Length = operator.Size || (spent >= mostProducts && locked.Length >= count) then
                    locked
                else
                    let wanted = max 1 (count - locked.Length)
                    let budget = max wanted (mostProducts - spent)

                    let found, used, size, settled =
                        dsharp.scope (fun () ->
                            let against = locked |> List.map _.Vector
                            let start = Orthogonality.rest against (Probes.normal generator operator)
                            let run = LanczosProcess(operator, start / Orthogonality.norm start, against, largest)

                            let rec grow () =
                                run.Step()

                                // the eigenvalues of T cost more than a step: look now and then
                                if run.Count >= budget || run.IsDone || run.Count % 5 = 0 then
                                    let size, bounds, found = ofProcess operator end' wanted run
                                    let size = max size largest

                                    let settled =
                                        run.IsDone
                                        || (run.Count >= wanted && bounds |> List.forall (fun bound -> bound <= tolerance * size))

                                    if settled || run.Count >= budget then
                                        found (), run.Count, size, settled
                                    else
                                        grow ()
                                else
                                    grow ()

                            grow ())

                    let merged = locked @ found |> List.sortByDescending height

                    let isFurther = locked.Length < count || height found.Head > height locked[count - 1] + tolerance * size

                    if settled && not isFurther then locked else rounds merged (spent + used) size

            [ for pair in rounds [] 0 0.0 |> List.truncate count ->
                  let miss = operator.Apply pair.Vector - pair.Vector * pair.Value

                  { pair with Residual = Orthogonality.norm miss } ])
