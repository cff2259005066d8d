// Our own figure: how far real iterates of gradient descent and of SGD are from gradient flow and from their modified flows, as the learning rate
// is halved. The order of an approximation is the slope of its error; the modified flows are derived by NoiseScale.Theory, not written down here.
// Trains nothing that is kept: a perceptron of a few weights on eight examples, in double precision.
#load "settings.fsx"

open System
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.BackwardError
open Panel
open Claims
open Settings

TorchRuntime.EnableProcessSwitches()
TorchRuntime.Ensure()
TorchSharp.torch.set_num_threads 1

// ---- the problem --------------------------------------------------------------------------------------------------------------

let private hidden, minibatches, perMinibatch, seed = 3, 4, 2, 1L
let private generator = Generator(seed)
let private drawn (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)

/// For each minibatch its inputs and its labels ±1, at random: the minibatches disagree.
let private examples =
    [| for _ in 1..minibatches -> drawn [ perMinibatch; 2 ], (drawn [ perMinibatch ]).sign() |]

/// softplus(−y·f(x)), f a perceptron with one hidden layer of tanh.
let private lossOn (x: Tensor, y: Tensor) : Loss =
    fun w ->
        let activations = (x.matmul (w[0].transpose()) + w[1]).tanh()
        (-(activations.matmul w[2] * y)).softplus().mean()

let private losses = examples |> Array.map lossOn

let private whole: Loss =
    fun w -> (losses |> Array.map (fun loss -> loss w) |> Array.reduce (+)) / float minibatches

let private start = [| drawn [ hidden; 2 ]; drawn [ hidden ]; drawn [ hidden ] |]

let private add k (a: Tensor[]) (b: Tensor[]) = Parameters.addScaled k a b
let private distance a b = sqrt (float (Parameters.squaredNorm (add -1.0 a b)))
let private step rate (loss: Loss) w = dsharp.scope (fun () -> add -rate w (dsharp.grads loss w))

let private flow (equation: ModifiedEquation) order rate (losses: Loss[]) steps time =
    ModifiedFlow.solve steps time (ModifiedFlow.at equation order rate losses) start

// ---- iterates -----------------------------------------------------------------------------------------------------------------

let private halvings = [ 0..4 ]

/// Gradient descent until a fixed time.
let private time = 2.0
let private rates = [ for k in halvings -> 0.5 / Math.Pow(2.0, float k) ]

let private descended =
    [ for rate in rates ->
          let mutable w = start

          for _ in 1 .. int (Math.Round(time / rate)) do
              w <- step rate whole w

          w ]

let private descentErrors order =
    List.map2 (fun rate w -> distance w (flow ModifiedEquation.gradientDescent order rate [| whole |] 64 time)) rates descended

let rec private permutations items =
    match items with
    | [] -> [ [] ]
    | _ ->
        [ for item in items do
              for rest in permutations (List.except [ item ] items) -> item :: rest ]

/// SGD for one epoch in every order of the minibatches, and the mean.
let private epochRates = [ for k in halvings -> 0.125 / Math.Pow(2.0, float k) ]

let private epochs =
    [ for rate in epochRates ->
          [ for order in permutations [ 0 .. minibatches - 1 ] -> order |> List.fold (fun w k -> step rate losses[k] w) start ] ]

let private means =
    epochs |> List.map (fun ends -> Parameters.scale (1.0 / float ends.Length) (List.reduce (add 1.0) ends))

let private shuffled = ModifiedEquation.shuffled (Coefficient.OfInt minibatches)

/// The flow for the time of one epoch.
let private epochFlow equation order (losses: Loss[]) rate = flow equation order rate losses 4 (float minibatches * rate)

let private meanErrors equation order losses = List.map2 (fun rate w -> distance w (epochFlow equation order losses rate)) epochRates means

/// Of single orders: the root mean square over them.
let private singleErrors equation order losses =
    List.map2
        (fun rate ends ->
            let flowed = epochFlow equation order losses rate
            sqrt (ends |> List.averageBy (fun w -> distance w flowed ** 2.0)))
        epochRates
        epochs

// ---- slopes -------------------------------------------------------------------------------------------------------------------

type private Measured =
    {
        Name: string
        /// what theory says
        Order: int
        Errors: float list
    }

let private measured =
    [ { Name = "gradient flow"; Order = 1; Errors = descentErrors 1 }
      { Name = "GD's modified flow"; Order = 2; Errors = descentErrors 2 }
      { Name = "GD's modified flow to ε²"; Order = 3; Errors = descentErrors 3 } ]

let private epoch =
    [ { Name = "gradient flow"
        Order = 2
        Errors = meanErrors ModifiedEquation.gradientDescent 1 [| whole |] }
      { Name = "GD's modified flow"
        Order = 2
        Errors = meanErrors ModifiedEquation.gradientDescent 2 [| whole |] }
      { Name = "SGD's modified flow"
        Order = 3
        Errors = meanErrors shuffled 2 losses }
      { Name = "SGD's modified flow to ε²"
        Order = 4
        Errors = meanErrors shuffled 3 losses } ]

let private single =
    { Name = "SGD's modified flow, single orders"
      Order = 2
      Errors = singleErrors shuffled 2 losses }

let private slopes m = List.pairwise m.Errors |> List.map (fun (a, b) -> Math.Log2(a / b))

let private draw (rates: float list) ms = [ for i, m in List.indexed ms -> series i m.Name (rates |> List.map Math.Log2) m.Errors ]

let private panel title text rates ms : Panel =
    { Title = title
      XTitle = "log₂ ε"
      YTitle = "distance from the iterates"
      LogX = false
      LogY = true
      YRange = None
      Text = text
      Series = draw rates ms }

/// The slope between the last halvings has to be within 0.15 of the order.
let private claim subject paperValue m : Claim =
    let last = List.last (slopes m)
    let all = slopes m |> List.map (fun s -> $"{s:F2}") |> String.concat ", "

    { Claim = $"{subject}: the distance to {m.Name} falls as ε^{m.Order}"
      Paper = paperValue
      Ours = $"slopes over halvings of ε: {all}; error at the smallest ε {List.last m.Errors:``0.0E+0``}"
      Verdict = holdsIf (abs (last - float m.Order) < 0.15) }

Figure.publish
    arguments
    paper
    intro
    { Key = "slopes"
      Title = "Measured orders: iterates against flows"
      Caption =
        $"A perceptron with {hidden} hidden tanh units on {minibatches} minibatches of {perMinibatch} random examples, in double precision, seed {seed}. Left: gradient descent \
          until time {time}. Right: the mean of SGD after one epoch over all {epochs.Head.Length} orders of the minibatches. The modified equations are derived, and integrated by \
          Runge–Kutta."
      Panels =
        [ panel
              "gradient descent"
              "Error of gradient descent against three flows, as the learning rate is halved: steeper lines for higher orders."
              rates
              measured
          panel
              "SGD with random shuffling, one epoch"
              "Error of the mean SGD iterate after one epoch against five flows."
              epochRates
              (epoch @ [ single ]) ]
      Claims =
        [ claim "GD, fixed time" "O(ε): an Euler method (§2)" measured[0]
          claim "GD, fixed time" "C + (ε/4)‖∇C‖²: one order better (Eq. 11)" measured[1]
          claim "GD, fixed time" "not in the paper; derived here" measured[2]
          claim "mean of SGD, one epoch" "O(m²ε²): E(w_m) differs at second order (Eq. 14)" epoch[0]
          claim "mean of SGD, one epoch" "not SGD's: the terms of single minibatches are missing (Eqs. 17 to 20)" epoch[1]
          claim "mean of SGD, one epoch" "E(w_m) = w(mε) + O(m³ε³) (Eqs. 1, 20)" epoch[2]
          claim "mean of SGD, one epoch" "not in the paper; derived here" epoch[3]
          claim "SGD, one order of the minibatches at a time" "the variance after one epoch is of order ε² and not ε (§2.2)" single ]
      Provenance = [ "seed", string seed; "threads", "1"; "library", NoiseScale.Training.Runs.RunSpec.LibraryVersion ]
      Command = "dotnet fsi paper-figures/implicit-regularization/slopes.fsx" }
