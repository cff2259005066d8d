/// Modified flows and losses over tensors, against exact derivatives of polynomials and against networks' finite differences.
module NoiseScale.Theory.Tests.FlowTests

open System
open Expecto
open FsCheck.FSharp
open Fractions
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open NoiseScale.Theory.Tests.Polynomials
open NoiseScale.Theory.Tests.Property

let private device =
    match Environment.GetEnvironmentVariable "NOISESCALE_DEVICE" with
    | "cuda" -> Device.GPU
    | _ -> Device.CPU

let private vector (x: float[]) = dsharp.tensor (x, dtype = Dtype.Float64, device = device)
let private floats (t: Tensor) = Array.init t.nelement (fun i -> float t[i])
let private first (ts: Tensor[]) = floats ts[0]

/// A polynomial in two parameters, each its own tensor or both in one.
let private tensorLoss (p: Polynomial) (variables: Tensor[] -> Tensor[]) : Loss =
    fun w ->
        let x = variables w

        p
        |> List.map (fun (c, powers) ->
            let monomials =
                [ for k in 0 .. powers.Length - 1 do
                      if powers[k] > 0 then
                          x[k] ** powers[k] ]

            (monomials |> List.fold (*) (x[0] * 0.0 + 1.0)) * c)
        |> List.reduce (+)

let private together (w: Tensor[]) = [| w[0][0]; w[0][1] |]
let private three = loss |> Gen.listOfLength 3 |> Arb.fromGen
let private m3 = Coefficient.OfInt 3

let private equations =
    [ ModifiedEquation.gradientDescent, 4
      ModifiedEquation.heavyBall (Coefficient.OfFraction(Fraction(9, 10))), 3
      ModifiedEquation.nesterov (Coefficient.OfFraction(Fraction(9, 10))), 3
      ModifiedEquation.shuffled (Coefficient.Symbol "m"), 3
      ModifiedEquation.withReplacement m3, 3
      ModifiedEquation.shuffledHeavyBall 3 (Coefficient.OfFraction(Fraction(1, 2))), 2
      ModifiedEquation.inOrder 3 [ 2; 0; 1 ], 3 ]

let private lossesFor (equation: ModifiedEquation) (losses: Polynomial list) =
    if equation.Fields = Fields.One then [ losses.Head ] else losses

let private flows =
    property 6 "flows to order 4 are those of exact polynomial derivatives" three (fun losses ->
        for equation, order in equations do
            let losses = lossesFor equation losses
            let expected = modifiedFlow equation order 3.0 0.1 losses start
            let tensors = losses |> List.map (fun p -> tensorLoss p together) |> Array.ofList
            let found = ModifiedFlow.at equation order 0.1 tensors [| vector start |] |> first
            // float64, some hundred additions
            Expect.isLessThan
                (distance expected found)
                (1e-11 * (1.0 + distance expected [| 0.0; 0.0 |]))
                $"{equation.Name}, order {order}")

let private separate =
    property 3 "parameters in several tensors give what they give in one" three (fun losses ->
        for equation, order in equations do
            let losses = lossesFor equation losses |> Array.ofList

            let one =
                ModifiedFlow.at equation order 0.1 (losses |> Array.map (fun p -> tensorLoss p together)) [| vector start |]

            let apart = start |> Array.map (fun x -> dsharp.tensor (x, dtype = Dtype.Float64, device = device))
            let two = ModifiedFlow.at equation order 0.1 (losses |> Array.map (fun p -> tensorLoss p id)) apart
            let found = two |> Array.map float
            Expect.isLessThan (distance (floats one[0]) found) 1e-12 equation.Name)

let private potentials =
    property 6 "the modified loss's gradient is minus the flow; its Hessian's product is the flow's derivative" three (fun losses ->
        for equation, _ in equations do
            match ModifiedLoss.tryDerive 2 equation with
            | Error _ -> Expect.equal equation.Name "SGD in a given order" "only a single order is no gradient"
            | Ok loss ->
                let losses = lossesFor equation losses |> Array.ofList |> Array.map (fun p -> tensorLoss p together)
                let w, v = [| vector start |], [| vector [| 0.3; -0.7 |] |]
                let flow w = ModifiedFlow.at equation 2 0.1 losses w
                let gradient = loss.Gradient(0.1, losses, w)
                Expect.isLessThan (distance (floats gradient[0]) (first (flow w) |> scale -1.0)) 1e-11 equation.Name
                // against a central difference of the flow: h² of its third derivative, and rounding 1e-16/h
                let h = 1e-5
                let shifted by = first (flow (Parameters.addScaled by w v))
                let expected = add (shifted h) (scale -1.0 (shifted -h)) |> scale (-0.5 / h)
                let found = loss.HessianVector(0.1, losses, w, v)
                Expect.isLessThan (distance expected (floats found[0])) (1e-7 * (1.0 + distance expected [| 0.0; 0.0 |])) equation.Name)

let private integration =
    testCase "the solver's error falls as the fourth power, and goes back where it came from" (fun () ->
        let loss: Loss = fun w -> (w[0] ** 4).sum() / 4.0 + (w[0] ** 2).sum() / 2.0
        let field w = ModifiedFlow.at ModifiedEquation.gradientDescent 2 0.1 [| loss |] w
        let w = [| vector start |]
        let fine = first (ModifiedFlow.solve 256 1.0 field w)
        let errors = [ for n in [ 8; 16; 32 ] -> distance fine (first (ModifiedFlow.solve n 1.0 field w)) ]
        Expect.isLessThan (abs (slopeOfHalvings errors - 4.0)) 0.2 $"%A{errors}"
        let back = ModifiedFlow.solve 256 -1.0 field [| vector fine |]
        Expect.isLessThan (distance start (floats back[0])) 1e-9 "and back")

let private asymmetry =
    testCase "the measured asymmetry: none to order 2, some at order 3" (fun () ->
        let loss: Loss = fun w -> (w[0][0] ** 3 * w[0][1] + w[0][1] ** 2 + w[0][0] ** 2 * w[0][1] ** 2)

        let measure order =
            let field w = ModifiedFlow.at ModifiedEquation.gradientDescent order 0.5 [| loss |] w
            ModifiedFlow.asymmetry field [| vector [| 1.0; 0.0 |] |] [| vector [| 0.0; 1.0 |] |] [| vector start |]

        Expect.isLessThan (measure 1) 1e-12 "the gradient flow"
        Expect.isLessThan (measure 2) 1e-12 "to order 2"
        Expect.isGreaterThan (measure 3) 1e-3 "at order 3"

        let refusal =
            try
                ModifiedLoss.derive 3 ModifiedEquation.gradientDescent |> ignore
                ""
            with :? InvalidOperationException as e ->
                e.Message

        for part in [ "1/6"; "1/12"; "ModifiedFlow.asymmetry" ] do
            Expect.stringContains refusal part "why there is none")

let private badInput =
    testCase "bad input is named" (fun () ->
        let loss: Loss = fun w -> (w[0] * w[0]).sum()
        let w = [| vector start |]

        let refuses text body =
            try
                body () |> ignore
                failtest $"{text}: not refused"
            with :? ArgumentException as e ->
                Expect.stringContains e.Message text "message"

        refuses "β" (fun () -> ModifiedFlow.at (ModifiedEquation.heavyBall (Coefficient.Symbol "β")) 2 0.1 [| loss |] w)
        refuses "one loss, not 2" (fun () -> ModifiedFlow.at ModifiedEquation.gradientDescent 2 0.1 [| loss; loss |] w)
        refuses "3 minibatches" (fun () -> ModifiedFlow.at (ModifiedEquation.inOrder 3 [ 0 ]) 2 0.1 [| loss |] w)
        refuses "at least one minibatch" (fun () -> ModifiedFlow.at (ModifiedEquation.shuffled m3) 2 0.1 [||] w)
        refuses "positive" (fun () -> ModifiedFlow.at ModifiedEquation.gradientDescent 2 0.0 [| loss |] w)
        refuses "at least one step" (fun () -> ModifiedFlow.solve 0 1.0 id w)
        refuses "0 or more" (fun () -> [| GradientPenalty.penalised -1.0 loss w |])

        refuses "at least one" (fun () ->
            Parameters.mean [||] |> ignore
            w))

// ---- a network: tanh and softmax, in several tensors -------------------------------------------------------------------------------------

let private network =
    let generator = Generator(5L)
    let draw (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)
    let w = [| draw [ 4; 6 ] * 0.5; draw [ 6 ] * 0.1; draw [ 6; 3 ] * 0.5; draw [ 3 ] * 0.1 |]
    let inputs, labels = draw [ 12; 4 ], [| for i in 0..11 -> i % 3 |]

    let lossOf (from: int) count : Loss =
        let x = inputs[from .. from + count - 1]
        let y = dsharp.tensor (labels[from .. from + count - 1], dtype = Dtype.Int64)
        fun w -> dsharp.crossEntropyLoss ((x.matmul (w[0]) + w[1]).tanh().matmul(w[2]) + w[3], y)

    w, lossOf

let private norm (a: Tensor[]) = sqrt (float (Parameters.squaredNorm a))
let private apart a b = norm (Parameters.addScaled -1.0 a b)

let private penalties =
    testList
        "gradient penalties"
        [ testCase "all methods agree with the exact one" (fun () ->
              let w, lossOf = network
              let loss = lossOf 0 12
              let value, exact = GradientPenalty.gradient PenaltyMethod.DoubleBackward 0.7 loss w
              let penalty = apart exact (dsharp.grads loss w)

              // exact; √ε of float64 times the curvature's change; its 2/3rd power
              for method, tolerance in
                  [ PenaltyMethod.ForwardOverReverse, 1e-12
                    PenaltyMethod.ForwardDifference, 1e-6
                    PenaltyMethod.CentralDifference, 1e-8 ] do
                  let other, found = GradientPenalty.gradient method 0.7 loss w
                  close 1e-12 $"{method}: value" (float value) (float other)
                  Expect.isLessThan (apart exact found / penalty) tolerance $"{method}"
                  // and the product along another direction
                  let v = w |> Array.map (fun (t: Tensor) -> t * 0.3 + 0.1)
                  let _, _, expected = GradientPenalty.hessianVector PenaltyMethod.DoubleBackward loss w v
                  let _, _, product = GradientPenalty.hessianVector method loss w v
                  Expect.isLessThan (apart expected product / norm expected) tolerance $"{method}: product")

          testCase "the penalised gradient is that of C + λ/4·‖∇C‖² by central differences" (fun () ->
              let w, lossOf = network
              let loss = lossOf 0 12
              let penalised = GradientPenalty.penalised 0.7 loss
              let _, gradient = GradientPenalty.gradient PenaltyMethod.DoubleBackward 0.7 loss w
              let v = w |> Array.map (fun (t: Tensor) -> t * 0.3 + 0.1)
              let h = 1e-5
              let at by = float (penalised (Parameters.addScaled by w v))
              close 1e-8 "along a direction" ((at h - at -h) / (2.0 * h)) (float (Parameters.dot gradient v)))

          testCase "gradient descent's modified loss is the penalty with λ = ε" (fun () ->
              let w, lossOf = network
              let loss = lossOf 0 12
              let modified = ModifiedLoss.derive 2 ModifiedEquation.gradientDescent
              close 1e-13 "value" (float (GradientPenalty.penalised 0.3 loss w)) (float (modified.Value(0.3, [| loss |], w)))
              let shuffled = ModifiedLoss.derive 2 (ModifiedEquation.shuffled (Coefficient.Symbol "m"))
              let batches = [| for k in 0..2 -> lossOf (4 * k) 4 |]
              let value = shuffled.Value(0.3, batches, w) |> float
              close 1e-13 "shuffled: C + ε·C_reg" (float (loss w) + 0.3 * GradientPenalty.regulariser batches w) value)

          testCase "pairs of independent minibatches are unbiased for ‖∇C‖², one minibatch is too large by the variance" (fun () ->
              let w, lossOf = network
              let batches = [| for k in 0..11 -> lossOf k 1 |]
              let full = float (Parameters.squaredNorm (dsharp.grads (lossOf 0 12) w))
              let penaltyOf (value: Tensor) (loss: Loss) = (float value - float (loss w)) * 4.0
              // all pairs, each drawn independently: examples with themselves too
              let pairs =
                  [ for a in batches do
                        for b in batches -> penaltyOf (GradientPenalty.penalisedPair 1.0 a b w) a ]

              close 1e-12 "independent pairs" full (List.average pairs)
              let own = [ for a in batches -> penaltyOf (GradientPenalty.penalised 1.0 a w) a ]
              let _, gamma = Composition.gradientVariance batches w
              close 1e-12 "own norm" (full + gamma) (List.average own)) ]

let private composition =
    testCase "E‖∇Ĉ − ∇C‖² = (N − B)/(N − 1)·Γ/B, by all subsets" (fun () ->
        let w, lossOf = network
        let n = 6
        let examples = [| for i in 0 .. n - 1 -> lossOf i 1 |]
        let gradients = examples |> Array.map (fun loss -> dsharp.grads loss w)
        let mean (gs: Tensor[][]) = Parameters.scale (1.0 / float gs.Length) (Array.reduce (Parameters.addScaled 1.0) gs)
        let all = mean gradients
        let found, gamma = Composition.gradientVariance examples w
        Expect.isLessThan (apart all found) 1e-13 "∇C"
        close 1e-12 "Γ" (gradients |> Array.averageBy (fun g -> float (Parameters.squaredNorm (Parameters.addScaled -1.0 g all)))) gamma

        for b in 1..n do
            let subsets =
                [| for mask in 1 .. (1 <<< n) - 1 do
                       if Numerics.BitOperations.PopCount(uint32 mask) = b then
                           [| for i in 0 .. n - 1 do
                                  if mask &&& (1 <<< i) <> 0 then
                                      gradients[i] |] |]

            let expected =
                subsets |> Array.averageBy (fun s -> float (Parameters.squaredNorm (Parameters.addScaled -1.0 (mean s) all)))

            let formula = Composition.minibatchVariance (int64 n) (int64 b) gamma
            Expect.isLessThan (abs (expected - formula)) (1e-13 + 1e-12 * expected) $"B = {b}"

        // and the modified loss over all ways of dealing six examples into three pairs
        let deals =
            [| for i in 1..5 do
                   let rest = [ 1..5 ] |> List.except [ i ]

                   for j in rest.Tail do
                       let others = rest.Tail |> List.except [ j ]
                       [| [| 0; i |]; [| rest.Head; j |]; Array.ofList others |] |]

        let value = lossOf 0 n
        let shuffled = ModifiedLoss.derive 2 (ModifiedEquation.shuffled (Coefficient.Symbol "m"))

        let average =
            deals
            |> Array.averageBy (fun deal ->
                let batches = deal |> Array.map (fun pair -> Parameters.mean [| examples[pair[0]]; examples[pair[1]] |])
                float (shuffled.Value(0.2, batches, w)))

        let norm2 = float (Parameters.squaredNorm all)
        close 1e-12 "P6 Eq. 22" (Composition.modifiedLoss (int64 n) 2L 0.2 (float (value w)) norm2 gamma) average)

let private adam =
    testCase "Adam: slope 1 without the correction, 2 with it, ε outside and inside" (fun () ->
        // gradients that stay away from 0
        let loss: Loss =
            fun w -> (w[0] ** 2).sum() * 0.5 + w[0][0] * w[0][1] * 0.3 + (w[0] ** 3).sum() * 0.05 + w[0].sum() * 2.0

        let beta1, beta2, epsilon = 0.5, 0.7, 0.05
        let b1, b2 = beta1 / (1.0 - beta1), beta2 / (1.0 - beta2)

        for placement in [ AdamEpsilon.Outside; AdamEpsilon.Inside ] do
            let update (m: Tensor) (v: Tensor) =
                match placement with
                | AdamEpsilon.Outside -> m / (v.sqrt () + epsilon)
                | AdamEpsilon.Inside -> m / (v + epsilon).sqrt()

            for order in 1..2 do
                let errors =
                    [ for count in [ 64; 128; 256; 512 ] ->
                          let h = 0.4 / float count
                          let mutable w = vector start
                          let g = dsharp.grads loss [| w |]
                          // moments as after many steps: what they remember is the flow backwards
                          let s = Array.map (fun d -> -d) (AdamFlow.at beta1 beta2 epsilon placement 1 h loss [| w |])
                          let hs = dsharp.hessiansv loss [| w |] s
                          let mutable m = g[0] + hs[0] * (h * b1)
                          let mutable v = g[0] * g[0] + g[0] * hs[0] * (2.0 * h * b2)
                          // the step about to be taken adds the present gradient to the moments
                          m <- (m - g[0] * (1.0 - beta1)) / beta1
                          v <- (v - g[0] * g[0] * (1.0 - beta2)) / beta2

                          for _ in 1..count do
                              let g = (dsharp.grads loss [| w |])[0]
                              m <- m * beta1 + g * (1.0 - beta1)
                              v <- v * beta2 + g * g * (1.0 - beta2)
                              w <- w - update m v * h

                          let flow w = AdamFlow.at beta1 beta2 epsilon placement order h loss w
                          distance (floats w) (first (ModifiedFlow.solve 40 0.4 flow [| vector start |])) ]

                let slopes = List.pairwise errors |> List.map (fun (a, b) -> Math.Log2(a / b))
                let extrapolated = 2.0 * List.last slopes - slopes[slopes.Length - 2]

                Expect.isLessThan
                    (abs (extrapolated - float order))
                    0.1
                    $"{placement}, order {order}: slopes %A{slopes}, errors %A{errors}")

let private purity =
    testCase "results survive, nothing else does" (fun () ->
        let loss: Loss = fun w -> (w[0] ** 4).sum() + (w[0] * w[0]).sum()
        let w = [| vector start |]
        let equation = ModifiedEquation.shuffled (Coefficient.Symbol "m")
        let modified = ModifiedLoss.derive 2 equation
        let flow () = ModifiedFlow.at equation 3 0.1 [| loss; loss |] w

        let all: (string * (unit -> Tensor[])) list =
            [ "flow", flow
              "solution", (fun () -> ModifiedFlow.solve 3 0.1 (ModifiedFlow.at ModifiedEquation.gradientDescent 2 0.1 [| loss |]) w)
              "modified loss", (fun () -> [| modified.Value(0.1, [| loss; loss |], w) |])
              "its gradient", (fun () -> modified.Gradient(0.1, [| loss; loss |], w))
              "its Hessian's product", (fun () -> modified.HessianVector(0.1, [| loss; loss |], w, w))
              "Adam", (fun () -> AdamFlow.at 0.9 0.99 0.1 AdamEpsilon.Outside 2 0.1 loss w)
              for method in
                  [ PenaltyMethod.DoubleBackward
                    PenaltyMethod.ForwardOverReverse
                    PenaltyMethod.ForwardDifference
                    PenaltyMethod.CentralDifference ] do
                  $"penalty, {method}", (fun () -> snd (GradientPenalty.gradient method 0.3 loss w)) ]

        // this thread's own count, and no help from the collector
        let live () = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        for name, compute in all do
            dsharp.scope (fun () ->
                compute () |> ignore
                w)
            |> ignore

            let before = live ()

            for _ in 1..20 do
                dsharp.scope (fun () -> compute () |> ignore) |> ignore

            Expect.equal (live ()) before $"{name}: live tensors after a scope"
            let kept = compute ()
            // C(w), too, is a result of the penalty's
            Expect.isLessThanOrEqual (live () - before) (int64 kept.Length + 1L) $"{name}: only results are left"

        let once = first (flow ())
        GC.Collect()
        GC.WaitForPendingFinalizers()
        Expect.equal (first (flow ())) once "same bits")

let tests =
    testList
        "flows and losses over tensors"
        [ flows; separate; potentials; integration; asymmetry; badInput; penalties; composition; adam; testSequenced purity ]
