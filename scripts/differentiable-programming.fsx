// A program as a function to differentiate: how to throw, with drag and wind, found through the simulation of the flight.
//   dotnet build Research.sln -c Release && dotnet fsi scripts/differentiable-programming.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "DiffSharp.dll"

open DiffSharp

dsharp.config (dtype = Dtype.Float64, device = Device.CPU)

let gravity = dsharp.tensor [ 0.0; -9.81 ]
let wind = dsharp.tensor [ -4.0; 0.0 ]
let drag = 0.02 // per metre
let target = dsharp.tensor [ 40.0; 2.0 ]
let steps = 40

/// Position and velocity, and how they change: drag is against the motion through the air, and grows with its square.
let change (state: Tensor) =
    let velocity = state[2..3]
    let through = velocity - wind
    let speed = (through.dot through).sqrt()
    dsharp.cat [ velocity; gravity - drag * speed * through ]

/// One step of the classical Runge–Kutta method.
let rungeKutta (dt: Tensor) (state: Tensor) =
    let k1 = change state
    let k2 = change (state + dt / 2 * k1)
    let k3 = change (state + dt / 2 * k2)
    let k4 = change (state + dt * k3)
    state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

/// Where a throw ends: the throw is the velocity at launch, and the time of flight.
let landing (throw: Tensor) =
    let dt = throw[2] / steps
    let start = dsharp.cat [ dsharp.zeros 2; throw[0..1] ]
    (List.fold (fun state _ -> rungeKutta dt state) start [ 1..steps ])[0..1]

/// How far from the target, and with how much effort.
let effort (throw: Tensor) = (throw[0..1] * throw[0..1]).sum() / 2

// Equations and unknowns: at the best throw the gradient of effort + λ·miss vanishes, and so does the miss. Newton's method solves both at once,
// with derivatives of the simulation to the second order.
let miss (throw: Tensor) = landing throw - target
let lagrangian (unknowns: Tensor) = effort unknowns[0..2] + unknowns[3..4].dot(miss unknowns[0..2])

let show step (unknowns: Tensor) =
    let throw = unknowns[0..2].toArray1D<float>()
    let far = (miss unknowns[0..2]).norm() |> float
    let speed = sqrt (throw[0] ** 2.0 + throw[1] ** 2.0)
    let degrees = atan2 throw[1] throw[0] * 180.0 / System.Math.PI
    printfn "  step %2d: %6.2f m/s at %5.2f degrees, %5.3f s of flight, misses by %.2e m" step speed degrees throw[2] far

let step (unknowns: Tensor) =
    // the temporaries of five Hessian rows through the simulation go here
    dsharp.scope (fun () ->
        let gradient, hessian = dsharp.gradhessian lagrangian unknowns
        let move = -(hessian.solve gradient)
        // far from the solution a full step is too long
        let length = float (move[0..2].norm())
        unknowns + move * min 1.0 (5.0 / length))

printfn "The least effort to hit %O against the wind:" target
let first = dsharp.tensor [ 20.0; 20.0; 3.0; 0.0; 0.0 ]
let path = List.scan (fun unknowns _ -> step unknowns) first [ 1..8 ]

path
|> List.iteri (fun i unknowns ->
    if i % 2 = 0 then
        show i unknowns)

// The derivative of a simulation is no approximation: here it is beside one.
let throw = (List.last path)[0..2]
let exact = dsharp.jacobian landing throw
let h = 1e-5

let approximate =
    dsharp.stack (
        [ for i in 0..2 ->
              let e = h * dsharp.onehot (3, i)
              (landing (throw + e) - landing (throw - e)) / (2.0 * h) ],
        1
    )

printfn "\nHow the landing moves with the throw (metres by m/s, m/s and s):\n%O" exact
printfn "differs from central differences by %.1e" (float ((exact - approximate).abs().max()))
