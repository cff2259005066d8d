namespace DiffSharp

open System
open TorchSharp

/// <summary>Products, equations and decompositions of matrices.</summary>
[<AutoOpen>]
module LinearAlgebra =

    let private square operation (a: Tensor) =
        let shape = a.Native.shape

        if shape.Length < 2 || shape[shape.Length - 1] <> shape[shape.Length - 2] then
            Guard.refuse operation (Describe.tensor a.Native) "it has to be a square matrix, or many of them"

        Tensor.AsFloat a

    let private two operation (a: Tensor) (body: torch.Tensor -> struct (torch.Tensor * torch.Tensor)) =
        let native = a.Native

        let struct (first, second) =
            Guard.run operation (fun () -> Describe.tensor native) (fun () -> body native)

        Tensor.Own first, Tensor.Own second

    /// Lengths that two batches share, each 1 stretched.
    let private broadcast (a: int64[]) (b: int64[]) : int64[] =
        let count = max a.Length b.Length
        let at (lengths: int64[]) i = if i < count - lengths.Length then 1L else lengths[i - count + lengths.Length]

        Array.init count (fun i ->
            match at a i, at b i with
            | x, y when x = y || y = 1L -> x
            | 1L, y -> y
            | x, y -> invalidArg "b" $"{x} products on the left, {y} on the right, in dimension {i}")

    /// TorchSharp's own matmul ends the process where lengths differ: it lets the native exception through. Its parts do not.
    let private product (a: torch.Tensor) (b: torch.Tensor) : torch.Tensor =
        match a.ndim, b.ndim with
        | 0L, _
        | _, 0L -> invalidArg "b" "a single number has no matrix product; * multiplies by it"
        | 1L, 1L -> a.dot b
        | 2L, 1L -> a.mv b
        | 2L, 2L -> a.mm b
        | _ ->
            use _ = torch.NewDisposeScope()
            // vectors become matrices of one row or column, which the result loses again
            let left = if a.ndim = 1L then a.unsqueeze 0L else a
            let right = if b.ndim = 1L then b.unsqueeze 1L else b

            let rows, inner, columns =
                left.shape[int left.ndim - 2], left.shape[int left.ndim - 1], right.shape[int right.ndim - 1]

            if inner <> right.shape[int right.ndim - 2] then
                invalidArg "b" $"its rows have to be as long as a's columns are many: {inner}, not {right.shape[int right.ndim - 2]}"

            let batch = broadcast left.shape[.. int left.ndim - 3] right.shape[.. int right.ndim - 3]

            let many =
                if right.ndim = 2L then
                    left.reshape(-1L, inner).mm right
                else
                    let flat (matrices: torch.Tensor) (rows: int64) (columns: int64) =
                        matrices.expand(Array.append batch [| rows; columns |], false).reshape(-1L, rows, columns)

                    (flat left rows inner).bmm(flat right inner columns)

            let shape =
                [| yield! batch
                   if a.ndim > 1L then
                       rows
                   if b.ndim > 1L then
                       columns |]

            many.reshape(shape).MoveToOuterDisposeScope()

    let private ofDimension operation count kind (a: Tensor) (b: Tensor) =
        if a.dim <> count || b.dim <> count then
            Guard.refuse operation (Describe.tensors [| a.Native; b.Native |]) $"both have to be {kind}"

    /// What libtorch would answer with infinities, or not at all: two element types, lengths that differ, and a 0 on the diagonal.
    let private requireTriangular (a: Tensor) (b: Tensor) =
        let triangle, right = a.Native.shape, b.Native.shape
        let refuse problem = Guard.refuse "solveTriangular" (Describe.tensors [| a.Native; b.Native |]) problem
        let rows = triangle[triangle.Length - 1]

        if a.Native.dtype <> b.Native.dtype then
            refuse "both have to be of one element type"

        if right.Length = 0 then
            refuse "a single number has no rows; they have to be as many as the triangle's"

        // one vector for one triangle; otherwise the last two dimensions are a matrix of columns
        let ofVector = right.Length = 1

        if (if ofVector then right[0] else right[right.Length - 2]) <> rows then
            refuse $"the right sides have to be of {rows} numbers each"

        if not ofVector then
            let stretches =
                Seq.zip (Array.rev triangle[.. triangle.Length - 3]) (Array.rev right[.. right.Length - 3])
                |> Seq.forall (fun (x, y) -> x = y || x = 1L || y = 1L)

            if not stretches then
                refuse "the triangles and the right sides are not equally many"

        use diagonal = a.Native.detach().diagonal(0L, -2L, -1L)
        use full = diagonal.all ()

        if not (full.item<bool>()) then
            refuse "it is singular: a number on its diagonal is 0"

    type Tensor with

        /// <summary>The matrix product a b; many at once, broadcast, where there are more dimensions. A vector is a row on the left, a column on the right.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ.</exception>
        member a.matmul(b: Tensor) : Tensor = Tensor.Binary("matmul", a, b, product)

        /// <summary>The matrix products of many pairs: (n, i, j) times (n, j, k) gives (n, i, k).</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ, or the numbers of pairs do.</exception>
        member a.bmm(b: Tensor) : Tensor =
            ofDimension "bmm" 3 "of three dimensions" a b
            Tensor.Binary("bmm", a, b, (fun a b -> a.bmm b))

        /// <summary>The inner product Σ aᵢ bᵢ of two vectors.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors of one length.</exception>
        member a.dot(b: Tensor) : Tensor =
            ofDimension "dot" 1 "vectors" a b
            Tensor.Binary("dot", a, b, (fun a b -> a.dot b))

        /// <summary>The matrix aᵢ bⱼ of two vectors.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors.</exception>
        member a.outer(b: Tensor) : Tensor =
            ofDimension "outer" 1 "vectors" a b
            Tensor.Binary("outer", a, b, (fun a b -> a.outer b))

        /// <summary>The x with a x = b.</summary>
        /// <param name="b">A vector, or a matrix whose columns are solved for.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is singular.</exception>
        member a.solve(b: Tensor) : Tensor =
            Tensor.Binary("solve", square "solve" a, Tensor.AsFloat b, (fun a b -> torch.linalg.solve (a, b)))

        /// <summary>The x with a x = b, or aᵀ x = b, of a triangular a: substitution, n² operations a column where <c>solve</c> takes n³; many at once, broadcast.
        /// Only the triangle is read.</summary>
        /// <param name="b">A vector, or a matrix whose columns are solved for, or many matrices.</param>
        /// <param name="upper">Whether the numbers are on and above the diagonal; otherwise on and below it, as cholesky's.</param>
        /// <param name="transpose">Whether aᵀ x = b is solved.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, a number on its diagonal is 0, or b has other lengths.</exception>
        member a.solveTriangular(b: Tensor, ?upper: bool, ?transpose: bool) : Tensor =
            let a, b = square "solveTriangular" a, Tensor.AsFloat b
            requireTriangular a b
            let upper, transpose = defaultArg upper false, defaultArg transpose false

            Tensor.Binary(
                "solveTriangular",
                a,
                b,
                fun a b ->
                    Guard.scoped (fun () ->
                        let triangle = if transpose then a.transpose (-2L, -1L) else a
                        let columns = if b.ndim = 1L then b.unsqueeze 1L else b
                        let solved = torch.linalg.solve_triangular (triangle, columns, (upper <> transpose))
                        if b.ndim = 1L then solved.squeeze -1L else solved)
            )

        /// <summary>The inverse matrix a⁻¹.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is singular.</exception>
        member a.inv() : Tensor = Tensor.Unary("inv", square "inv" a, (fun a -> torch.linalg.inv a))

        /// <summary>The determinant.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        member a.det() : Tensor = Tensor.Unary("det", square "det" a, (fun a -> torch.linalg.det a))

        /// <summary>The sign of the determinant, and the logarithm of its magnitude.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        member a.slogdet() : Tensor * Tensor = two "slogdet" (square "slogdet" a) (fun a -> torch.linalg.slogdet a)

        /// <summary>The lower triangular l with l lᵀ = a; of many matrices, many.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is not positive definite.</exception>
        member a.cholesky() : Tensor = Tensor.Unary("cholesky", square "cholesky" a, (fun a -> torch.linalg.cholesky a))

        /// <summary>The eigenvalues of a symmetric matrix, smallest first, and its eigenvectors, one in each column; the lower triangle is read.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        member a.eigh() : Tensor * Tensor = two "eigh" (square "eigh" a) (fun a -> torch.linalg.eigh a)

        /// <summary>The eigenvalues of a symmetric matrix, smallest first, and its eigenvectors, one in each column.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        member a.symeig() : Tensor * Tensor = a.eigh ()

        /// <summary>The singular value decomposition a = u diag(s) vᵀ: u, s with the largest first, and vᵀ; the reduced one.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        member a.svd() : Tensor * Tensor * Tensor =
            let a = Tensor.AsFloat a
            let native = a.Native

            let struct (u, s, v) =
                Guard.run "svd" (fun () -> Describe.tensor native) (fun () -> torch.linalg.svd (native, false))

            Tensor.Own u, Tensor.Own s, Tensor.Own v

        /// <summary>The sum of a matrix's diagonal.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        member a.trace() : Tensor = Tensor.Unary("trace", a, (fun a -> a.trace ()))

    type dsharp with

        /// <summary>The matrix product a b; many at once, broadcast, where there are more dimensions. A vector is a row on the left, a column on the right.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ.</exception>
        static member matmul(a: Tensor, b: Tensor) : Tensor = a.matmul (b)

        /// <summary>The matrix product a b; many at once, broadcast, where there are more dimensions. A vector is a row on the left, a column on the right, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ.</exception>
        static member matmul(b: Tensor) : Tensor -> Tensor = fun a -> a.matmul (b)

        /// <summary>The matrix products of many pairs: (n, i, j) times (n, j, k) gives (n, i, k).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ, or the numbers of pairs do.</exception>
        static member bmm(a: Tensor, b: Tensor) : Tensor = a.bmm (b)

        /// <summary>The matrix products of many pairs: (n, i, j) times (n, j, k) gives (n, i, k), as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The inner lengths differ, or the numbers of pairs do.</exception>
        static member bmm(b: Tensor) : Tensor -> Tensor = fun a -> a.bmm (b)

        /// <summary>The inner product Σ aᵢ bᵢ of two vectors.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors of one length.</exception>
        static member dot(a: Tensor, b: Tensor) : Tensor = a.dot (b)

        /// <summary>The inner product Σ aᵢ bᵢ of two vectors, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors of one length.</exception>
        static member dot(b: Tensor) : Tensor -> Tensor = fun a -> a.dot (b)

        /// <summary>The matrix aᵢ bⱼ of two vectors.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors.</exception>
        static member outer(a: Tensor, b: Tensor) : Tensor = a.outer (b)

        /// <summary>The matrix aᵢ bⱼ of two vectors, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">They are no vectors.</exception>
        static member outer(b: Tensor) : Tensor -> Tensor = fun a -> a.outer (b)

        /// <summary>The x with a x = b.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">A vector, or a matrix whose columns are solved for.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is singular.</exception>
        static member solve(a: Tensor, b: Tensor) : Tensor = a.solve (b)

        /// <summary>The x with a x = b, or aᵀ x = b, of a triangular a; many at once, broadcast. Only the triangle is read.</summary>
        /// <param name="a">The triangle.</param>
        /// <param name="b">A vector, or a matrix whose columns are solved for, or many matrices.</param>
        /// <param name="upper">Whether the numbers are on and above the diagonal; otherwise on and below it, as cholesky's.</param>
        /// <param name="transpose">Whether aᵀ x = b is solved.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, a number on its diagonal is 0, or b has other lengths.</exception>
        static member solveTriangular(a: Tensor, b: Tensor, ?upper: bool, ?transpose: bool) : Tensor =
            a.solveTriangular (b, ?upper = upper, ?transpose = transpose)

        /// <summary>The inverse matrix a⁻¹.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is singular.</exception>
        static member inv(a: Tensor) : Tensor = a.inv ()

        /// <summary>The determinant.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        static member det(a: Tensor) : Tensor = a.det ()

        /// <summary>The sign of the determinant, and the logarithm of its magnitude.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        static member slogdet(a: Tensor) : Tensor * Tensor = a.slogdet ()

        /// <summary>The lower triangular l with l lᵀ = a; of many matrices, many.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix, or is not positive definite.</exception>
        static member cholesky(a: Tensor) : Tensor = a.cholesky ()

        /// <summary>The eigenvalues of a symmetric matrix, smallest first, and its eigenvectors, one in each column; the lower triangle is read.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        static member eigh(a: Tensor) : Tensor * Tensor = a.eigh ()

        /// <summary>The eigenvalues of a symmetric matrix, smallest first, and its eigenvectors, one in each column.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no square matrix.</exception>
        static member symeig(a: Tensor) : Tensor * Tensor = a.symeig ()

        /// <summary>The singular value decomposition a = u diag(s) vᵀ: u, s with the largest first, and vᵀ; the reduced one.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        static member svd(a: Tensor) : Tensor * Tensor * Tensor = a.svd ()

        /// <summary>The sum of a matrix's diagonal.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        static member trace(a: Tensor) : Tensor = a.trace ()
