namespace NoiseScale.Sources

open System

/// What is known of a work. Nothing is guessed: what we could not establish is `None`, and the BibTeX entry lacks that field.
type Reference =
    {
        /// the work
        Paper: Paper
        /// key of the BibTeX entry, such as "Smith2018DontDecay"
        CiteKey: string
        /// family names, in the paper's order; "others" last where the list is not complete
        Authors: string list
        /// as printed
        Title: string option
        /// of publication
        Year: int option
        /// conference, workshop, journal or publisher
        Venue: string option
        /// identifier, such as "1711.00489"
        ArXiv: string option
    }

/// Every work that a law of the library names.
[<RequireQualifiedAccess>]
module Bibliography =
    let private reference paper citeKey authors year title venue arXiv : Reference =
        let given text = if text = "" then None else Some text

        { Paper = paper
          CiteKey = citeKey
          Authors = authors
          Title = given title
          Year = (if year = 0 then None else Some year)
          Venue = given venue
          ArXiv = given arXiv }

    /// All works: the six papers first, then the others by subject and year.
    let all: Reference list =
        [ reference
              Paper.P1
              "Smith2018DontDecay"
              [ "Smith"; "Kindermans"; "Ying"; "Le" ]
              2018
              "Don't Decay the Learning Rate, Increase the Batch Size"
              "ICLR"
              "1711.00489"
          reference
              Paper.P2
              "Smith2018Bayesian"
              [ "Smith"; "Le" ]
              2018
              "A Bayesian Perspective on Generalization and Stochastic Gradient Descent"
              "ICLR"
              "1710.06451"
          reference
              Paper.P3
              "Smith2018NaturalGradient"
              [ "Smith"; "Duckworth"; "Rezchikov"; "Le"; "Sohl-Dickstein" ]
              2018
              "Stochastic natural gradient descent draws posterior samples in function space"
              ""
              "1806.09597"
          reference
              Paper.P4
              "Park2019Width"
              [ "Park"; "Sohl-Dickstein"; "Le"; "Smith" ]
              2019
              "The Effect of Network Width on Stochastic Gradient Descent and Generalization"
              "ICML, PMLR 97:5042-5051"
              "1905.03776"
          reference
              Paper.P5
              "Adlam2020ColdPosteriors"
              [ "Adlam"; "Snoek"; "Smith" ]
              2020
              "Cold Posteriors and Aleatoric Uncertainty"
              "ICML workshop on uncertainty and robustness in deep learning"
              "2008.00029"
          reference
              Paper.P6
              "Smith2021ImplicitRegularization"
              [ "Smith"; "Dherin"; "Barrett"; "De" ]
              2021
              "On the Origin of Implicit Regularization in Stochastic Gradient Descent"
              "ICLR"
              "2101.12176"
          reference
              Paper.McCandlish2018
              "McCandlish2018"
              [ "McCandlish"; "Kaplan"; "Amodei" ]
              2018
              "An Empirical Model of Large-Batch Training"
              ""
              "1812.06162"
          reference
              Paper.You2019
              "You2019Legw"
              [ "You"; "Hseu"; "Ying"; "Demmel"; "Keutzer"; "Hsieh" ]
              2019
              "Large-Batch Training for LSTM and Beyond"
              "SC"
              "1901.08256"
          reference
              Paper.Johnson2020
              "Johnson2020AdaScale"
              [ "Johnson"; "Agrawal"; "Gu"; "Guestrin" ]
              2020
              "AdaScale SGD: A User-Friendly Algorithm for Distributed Training"
              "ICML"
              "2007.05105"
          reference
              Paper.Malladi2022
              "Malladi2022"
              [ "Malladi"; "Lyu"; "Panigrahi"; "Arora" ]
              2022
              "On the SDEs and Scaling Rules for Adaptive Gradient Algorithms"
              "NeurIPS"
              "2205.10287"
          reference
              Paper.Busbridge2023
              "Busbridge2023"
              [ "Busbridge"; "Ramapuram"; "Ablin"; "Likhomanenko"; "Dhekane"; "Suau"; "Webb" ]
              2023
              "How to Scale Your EMA"
              "NeurIPS"
              "2307.13813"
          reference
              Paper.Meterez2025
              "Meterez2025Seesaw"
              [ "Meterez"; "Morwani"; "Wu"; "Oncescu"; "Pehlevan"; "Kakade" ]
              2025
              "Seesaw: Accelerating Training by Balancing Learning Rate and Batch Size Scheduling"
              ""
              "2510.14717"
          reference
              Paper.Yang2021
              "Yang2021"
              [ "Yang"; "Hu" ]
              2021
              "Tensor Programs IV: Feature Learning in Infinite-Width Neural Networks"
              "ICML"
              "2011.14522"
          reference
              Paper.Yang2022
              "Yang2022"
              [ "Yang"; "others" ]
              2022
              "Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer"
              ""
              "2203.03466"
          reference
              Paper.Li2017
              "Li2017"
              [ "Li"; "Tai"; "E" ]
              2017
              "Stochastic Modified Equations and Adaptive Stochastic Gradient Algorithms"
              "ICML"
              "1511.06251"
          reference Paper.Barrett2021 "Barrett2021" [ "Barrett"; "Dherin" ] 2021 "Implicit Gradient Regularization" "ICLR" "2009.11162"
          reference
              Paper.Kovachki2021
              "Kovachki2021"
              [ "Kovachki"; "Stuart" ]
              2021
              "Continuous Time Analysis of Momentum Methods"
              ""
              "1906.04285"
          reference
              Paper.Geiping2022
              "Geiping2022"
              [ "Geiping"; "Goldblum"; "Pope"; "Moeller"; "Goldstein" ]
              2022
              "Stochastic Training is Not Necessary for Generalization"
              "ICLR"
              "2109.14119"
          reference
              Paper.Ghosh2023
              "Ghosh2023"
              [ "Ghosh"; "Lyu"; "Zhang"; "Wang" ]
              2023
              "Implicit Regularization in Heavy-ball Momentum Accelerated Stochastic Gradient Descent"
              "ICLR"
              "2302.00849"
          reference
              Paper.Cattaneo2023
              "Cattaneo2023"
              [ "Cattaneo"; "Klusowski"; "Shigida" ]
              2023
              "On the Implicit Bias of Adam"
              ""
              "2309.00079"
          reference Paper.Hairer "HairerLubichWanner" [ "Hairer"; "Lubich"; "Wanner" ] 0 "Geometric Numerical Integration" "" ""
          reference Paper.MacKay1992 "MacKay1992" [ "MacKay" ] 1992 "" "" ""
          reference
              Paper.Welling2011
              "Welling2011"
              [ "Welling"; "Teh" ]
              2011
              "Bayesian Learning via Stochastic Gradient Langevin Dynamics"
              "ICML"
              ""
          reference
              Paper.Chen2014
              "Chen2014"
              [ "Chen"; "Fox"; "Guestrin" ]
              2014
              "Stochastic Gradient Hamiltonian Monte Carlo"
              "ICML"
              "1402.4102"
          reference
              Paper.Hoffman2014
              "Hoffman2014"
              [ "Hoffman"; "Gelman" ]
              2014
              "The No-U-Turn Sampler: Adaptively Setting Path Lengths in Hamiltonian Monte Carlo"
              ""
              "1111.4246"
          reference
              Paper.Mandt2017
              "Mandt2017"
              [ "Mandt"; "Hoffman"; "Blei" ]
              2017
              "Stochastic Gradient Descent as Approximate Bayesian Inference"
              ""
              "1704.04289"
          reference
              Paper.Kunstner2019
              "Kunstner2019"
              [ "Kunstner"; "Balles"; "Hennig" ]
              2019
              "Limitations of the Empirical Fisher Approximation for Natural Gradient Descent"
              "NeurIPS"
              "1905.12558"
          reference Paper.Vehtari2021 "Vehtari2021" [ "Vehtari"; "Gelman"; "Simpson"; "Carpenter"; "Bürkner" ] 2021 "" "" ""
          reference Paper.Rasmussen2006 "Rasmussen2006" [ "Rasmussen"; "Williams" ] 2006 "Gaussian Processes for Machine Learning" "" ""
          reference Paper.Cho2009 "Cho2009" [ "Cho"; "Saul" ] 2009 "Kernel Methods for Deep Learning" "NIPS" ""
          reference Paper.Murray2010 "Murray2010" [ "Murray"; "Adams"; "MacKay" ] 2010 "Elliptical slice sampling" "AISTATS" "1001.0175"
          reference
              Paper.Wenzel2020
              "Wenzel2020"
              [ "Wenzel"; "others" ]
              2020
              "How Good is the Bayes Posterior in Deep Neural Networks Really?"
              "ICML"
              "2002.02405"
          reference
              Paper.Aitchison2021
              "Aitchison2021"
              [ "Aitchison" ]
              2021
              "A statistical theory of cold posteriors in deep neural networks"
              "ICLR"
              "2008.05912"
          reference
              Paper.Kapoor2022
              "Kapoor2022"
              [ "Kapoor"; "Maddox"; "Izmailov"; "Wilson" ]
              2022
              "On Uncertainty, Tempering, and Data Augmentation in Bayesian Classification"
              "NeurIPS"
              "2203.16481" ]

    /// <summary>The description of a work.</summary>
    /// <param name="paper">the work</param>
    /// <exception cref="T:System.ArgumentException">The number is that of no work.</exception>
    let find (paper: Paper) : Reference =
        match all |> List.tryFind (fun r -> r.Paper = paper) with
        | Some found -> found
        | None -> invalidArg (nameof paper) $"{int paper}: no work has that number"

    /// <summary>The key by which a work is asked for: P1 to P6, or such as McCandlish2018.</summary>
    /// <param name="paper">the work</param>
    let key (paper: Paper) : string =
        Enum.GetName paper
        |> Option.ofObj
        |> Option.defaultWith (fun () -> invalidArg (nameof paper) $"{int paper}: no work has that number")

    // BibTeX of its own understands TeX's accents everywhere, Unicode only in newer programs
    let private tex (text: string) = text.Replace("ü", "{\\\"u}")

    /// <summary>The work as a BibTeX entry: @inproceedings where its venue is known, else @misc; arXiv as eprint. Fields that are not known are left out.</summary>
    /// <param name="paper">the work</param>
    /// <returns>the entry, its last line a closing brace</returns>
    let bibTeX (paper: Paper) : string =
        let r = find paper

        let fields =
            [ Some("author", tex (String.concat " and " r.Authors))
              r.Title |> Option.map (fun title -> "title", $"{{{title}}}")
              r.Venue |> Option.map (fun venue -> "booktitle", venue)
              r.Year |> Option.map (fun year -> "year", string year)
              r.ArXiv |> Option.map (fun id -> "eprint", id)
              r.ArXiv |> Option.map (fun _ -> "archivePrefix", "arXiv") ]
            |> List.choose id
            |> List.map (fun (name, value) -> $"  {name} = {{{value}}}")
            |> String.concat ",\n"

        let kind = if r.Venue.IsSome then "inproceedings" else "misc"
        $"@{kind}{{{r.CiteKey},\n{fields}\n}}"

    /// <summary>The work in one line: authors, title, venue, year, arXiv, as far as they are known.</summary>
    /// <param name="paper">the work</param>
    let line (paper: Paper) : string =
        let r = find paper
        let complete, more = r.Authors |> List.partition ((<>) "others")

        let authors = String.concat ", " complete + (if more.IsEmpty then "" else " et al.")

        let titled = r.Title |> Option.map (fun title -> $"{authors}: {title}.") |> Option.defaultValue authors

        [ Some titled
          (match r.Venue, r.Year with
           | Some venue, Some year -> Some $"{venue} {year}"
           | Some only, None -> Some only
           | None, Some year -> Some(string year)
           | None, None -> None)
          r.ArXiv |> Option.map (fun id -> $"arXiv {id}") ]
        |> List.choose id
        |> function
            | first :: (_ :: _ as rest) -> first + " " + String.concat ", " rest
            | parts -> String.concat "" parts
