namespace NoiseScale.Sources

open System

/// Works whose formulas the library states: the six papers, P1 to P6, and what others found before and since. `Bibliography` describes each.
type Paper =
    /// Don't Decay the Learning Rate, Increase the Batch Size
    | P1 = 1
    /// A Bayesian Perspective on Generalization and Stochastic Gradient Descent
    | P2 = 2
    /// Stochastic natural gradient descent draws posterior samples in function space
    | P3 = 3
    /// The Effect of Network Width on Stochastic Gradient Descent and Generalization
    | P4 = 4
    /// Cold Posteriors and Aleatoric Uncertainty
    | P5 = 5
    /// On the Origin of Implicit Regularization in Stochastic Gradient Descent
    | P6 = 6
    /// the gradient noise scale and the critical batch size
    | McCandlish2018 = 101
    /// LEGW: warm-up in epochs, with the square root of the batch
    | You2019 = 102
    /// AdaScale: the gain of a larger batch
    | Johnson2020 = 103
    /// square-root rule of Adam and AdamW
    | Malladi2022 = 104
    /// averages of weights, rescaled with the batch
    | Busbridge2023 = 105
    /// Seesaw: half of a decay traded for batch
    | Meterez2025 = 106
    /// the maximal update
    | Yang2021 = 107
    /// hyper-parameters carried from width to width
    | Yang2022 = 108
    /// stochastic modified equations of independent minibatches
    | Li2017 = 201
    /// modified loss of gradient descent
    | Barrett2021 = 202
    /// modified equations of momentum
    | Kovachki2021 = 203
    /// the explicit penalty by finite differences
    | Geiping2022 = 204
    /// modified loss of momentum, and where there is none
    | Ghosh2023 = 205
    /// modified loss of Adam
    | Cattaneo2023 = 206
    /// geometric numerical integration: trees, B-series, modified equations
    | Hairer = 207
    /// evidence by Laplace's method
    | MacKay1992 = 301
    /// stochastic gradient Langevin dynamics
    | Welling2011 = 302
    /// stochastic gradient Hamiltonian dynamics
    | Chen2014 = 303
    /// steps of Hamiltonian Monte Carlo found by themselves
    | Hoffman2014 = 304
    /// stochastic gradient descent as approximate inference
    | Mandt2017 = 305
    /// empirical and model Fisher information
    | Kunstner2019 = 306
    /// R̂ and effective sample sizes by ranks
    | Vehtari2021 = 307
    /// Gaussian processes
    | Rasmussen2006 = 401
    /// kernels of infinitely wide networks of rectifiers
    | Cho2009 = 402
    /// elliptical slice sampling
    | Murray2010 = 403
    /// the cold-posterior effect
    | Wenzel2020 = 404
    /// labels that several labellers agree on
    | Aitchison2021 = 405
    /// the noisy Dirichlet likelihood
    | Kapoor2022 = 406

/// <summary>Where a law stands: the paper that states it, and the place in it. A law that two papers state carries two.</summary>
/// <param name="paper">the paper, one of those that `Bibliography` knows</param>
/// <param name="place">the place as the paper numbers it, such as "Eq. 9"; "" for the work as a whole</param>
[<Sealed>]
[<AttributeUsage(AttributeTargets.Class
                 ||| AttributeTargets.Struct
                 ||| AttributeTargets.Enum
                 ||| AttributeTargets.Interface
                 ||| AttributeTargets.Method
                 ||| AttributeTargets.Property
                 ||| AttributeTargets.Field
                 ||| AttributeTargets.Constructor,
                 AllowMultiple = true,
                 Inherited = false)>]
type SourceAttribute(paper: Paper, place: string) =
    inherit Attribute()

    /// The work as a whole.
    new(paper: Paper) = SourceAttribute(paper, "")

    /// The paper.
    member _.Paper = paper

    /// The place in it, such as "Eq. 9", or "".
    member _.Place = place
