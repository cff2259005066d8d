namespace NoiseScale.Sources

/// The list of works: the six papers first, then the others by subject and year.
[<RequireQualifiedAccess>]
module internal Works =
    let private preprint paper citeKey authors year title arXiv : Reference =
        { Paper = paper
          CiteKey = citeKey
          Authors = authors
          Title = title
          Year = year
          Venue = None
          Place = []
          ArXiv = if arXiv = "" then None else Some arXiv }

    let private published venue place paper citeKey authors year title arXiv =
        { preprint paper citeKey authors year title arXiv with
            Venue = Some venue
            Place = place }

    let private at conference = published (Venue.Proceedings conference) []
    let private article journal place = published (Venue.Journal journal) place
    let private book publisher place = published (Venue.Book publisher) place

    let all: Reference list =
        [ at
              "ICLR"
              Paper.P1
              "Smith2018DontDecay"
              [ "Smith, Samuel L."; "Kindermans, Pieter-Jan"; "Ying, Chris"; "Le, Quoc V." ]
              2018
              "Don't Decay the Learning Rate, Increase the Batch Size"
              "1711.00489"
          at
              "ICLR"
              Paper.P2
              "Smith2018Bayesian"
              [ "Smith, Samuel L."; "Le, Quoc V." ]
              2018
              "A Bayesian Perspective on Generalization and Stochastic Gradient Descent"
              "1710.06451"
          preprint
              Paper.P3
              "Smith2018NaturalGradient"
              [ "Smith, Samuel L."; "Duckworth, Daniel"; "Rezchikov, Semon"; "Le, Quoc V."; "Sohl-Dickstein, Jascha" ]
              2018
              "Stochastic natural gradient descent draws posterior samples in function space"
              "1806.09597"
          published
              (Venue.Proceedings "ICML")
              [ "series", "PMLR"; "volume", "97"; "pages", "5042--5051" ]
              Paper.P4
              "Park2019Width"
              [ "Park, Daniel S."; "Sohl-Dickstein, Jascha"; "Le, Quoc V."; "Smith, Samuel L." ]
              2019
              "The Effect of Network Width on Stochastic Gradient Descent and Generalization"
              "1905.03776"
          at
              "ICML workshop on uncertainty and robustness in deep learning"
              Paper.P5
              "Adlam2020ColdPosteriors"
              [ "Adlam, Ben"; "Snoek, Jasper"; "Smith, Samuel L." ]
              2020
              "Cold Posteriors and Aleatoric Uncertainty"
              "2008.00029"
          at
              "ICLR"
              Paper.P6
              "Smith2021ImplicitRegularization"
              [ "Smith, Samuel L."; "Dherin, Benoit"; "Barrett, David G. T."; "De, Soham" ]
              2021
              "On the Origin of Implicit Regularization in Stochastic Gradient Descent"
              "2101.12176"
          preprint
              Paper.McCandlish2018
              "McCandlish2018"
              [ "McCandlish, Sam"; "Kaplan, Jared"; "Amodei, Dario"; "OpenAI Dota Team" ]
              2018
              "An Empirical Model of Large-Batch Training"
              "1812.06162"
          at
              "SC"
              Paper.You2019
              "You2019Legw"
              [ "You, Yang"; "Hseu, Jonathan"; "Ying, Chris"; "Demmel, James"; "Keutzer, Kurt"; "Hsieh, Cho-Jui" ]
              2019
              "Large-Batch Training for LSTM and Beyond"
              "1901.08256"
          at
              "ICML"
              Paper.Johnson2020
              "Johnson2020AdaScale"
              [ "Johnson, Tyler B."; "Agrawal, Pulkit"; "Gu, Haijie"; "Guestrin, Carlos" ]
              2020
              "AdaScale SGD: A User-Friendly Algorithm for Distributed Training"
              "2007.05105"
          at
              "NeurIPS"
              Paper.Malladi2022
              "Malladi2022"
              [ "Malladi, Sadhika"; "Lyu, Kaifeng"; "Panigrahi, Abhishek"; "Arora, Sanjeev" ]
              2022
              "On the SDEs and Scaling Rules for Adaptive Gradient Algorithms"
              "2205.10287"
          at
              "NeurIPS"
              Paper.Busbridge2023
              "Busbridge2023"
              [ "Busbridge, Dan"
                "Ramapuram, Jason"
                "Ablin, Pierre"
                "Likhomanenko, Tatiana"
                "Dhekane, Eeshan Gunesh"
                "Suau, Xavier"
                "Webb, Russ" ]
              2023
              "How to Scale Your EMA"
              "2307.13813"
          preprint
              Paper.Meterez2025
              "Meterez2025Seesaw"
              [ "Meterez, Alexandru"; "Morwani, Depen"; "Wu, Jingfeng"; "Oncescu, Costin-Andrei"; "Pehlevan, Cengiz"; "Kakade, Sham" ]
              2025
              "Seesaw: Accelerating Training by Balancing Learning Rate and Batch Size Scheduling"
              "2510.14717"
          at
              "ICML"
              Paper.Yang2021
              "Yang2021"
              [ "Yang, Greg"; "Hu, Edward J." ]
              2021
              "Tensor Programs IV: Feature Learning in Infinite-Width Neural Networks"
              "2011.14522"
          preprint
              Paper.Yang2022
              "Yang2022"
              [ "Yang, Greg"
                "Hu, Edward J."
                "Babuschkin, Igor"
                "Sidor, Szymon"
                "Liu, Xiaodong"
                "Farhi, David"
                "Ryder, Nick"
                "Pachocki, Jakub"
                "Chen, Weizhu"
                "Gao, Jianfeng" ]
              2022
              "Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer"
              "2203.03466"
          at
              "ICML"
              Paper.Li2017
              "Li2017"
              [ "Li, Qianxiao"; "Tai, Cheng"; "E, Weinan" ]
              2017
              "Stochastic Modified Equations and Adaptive Stochastic Gradient Algorithms"
              "1511.06251"
          at
              "ICLR"
              Paper.Barrett2021
              "Barrett2021"
              [ "Barrett, David G. T."; "Dherin, Benoit" ]
              2021
              "Implicit Gradient Regularization"
              "2009.11162"
          article
              "Journal of Machine Learning Research"
              [ "volume", "22"; "number", "17"; "pages", "1--40" ]
              Paper.Kovachki2021
              "Kovachki2021"
              [ "Kovachki, Nikola B."; "Stuart, Andrew M." ]
              2021
              "Continuous Time Analysis of Momentum Methods"
              "1906.04285"
          at
              "ICLR"
              Paper.Geiping2022
              "Geiping2022"
              [ "Geiping, Jonas"; "Goldblum, Micah"; "Pope, Phillip E."; "Moeller, Michael"; "Goldstein, Tom" ]
              2022
              "Stochastic Training is Not Necessary for Generalization"
              "2109.14119"
          at
              "ICLR"
              Paper.Ghosh2023
              "Ghosh2023"
              [ "Ghosh, Avrajit"; "Lyu, He"; "Zhang, Xitong"; "Wang, Rongrong" ]
              2023
              "Implicit Regularization in Heavy-ball Momentum Accelerated Stochastic Gradient Descent"
              "2302.00849"
          at
              "ICML"
              Paper.Cattaneo2023
              "Cattaneo2023"
              [ "Cattaneo, Matias D."; "Klusowski, Jason M."; "Shigida, Boris" ]
              2024
              "On the Implicit Bias of Adam"
              "2309.00079"
          book
              "Springer"
              [ "edition", "2nd" ]
              Paper.Hairer
              "HairerLubichWanner"
              [ "Hairer, Ernst"; "Lubich, Christian"; "Wanner, Gerhard" ]
              2006
              "Geometric Numerical Integration: Structure-Preserving Algorithms for Ordinary Differential Equations"
              ""
          article
              "Neural Computation"
              [ "volume", "4"; "number", "3"; "pages", "415--447" ]
              Paper.MacKay1992
              "MacKay1992"
              [ "MacKay, David J. C." ]
              1992
              "Bayesian Interpolation"
              ""
          at
              "ICML"
              Paper.Welling2011
              "Welling2011"
              [ "Welling, Max"; "Teh, Yee Whye" ]
              2011
              "Bayesian Learning via Stochastic Gradient Langevin Dynamics"
              ""
          at
              "ICML"
              Paper.Chen2014
              "Chen2014"
              [ "Chen, Tianqi"; "Fox, Emily B."; "Guestrin, Carlos" ]
              2014
              "Stochastic Gradient Hamiltonian Monte Carlo"
              "1402.4102"
          article
              "Journal of Machine Learning Research"
              [ "volume", "15" ]
              Paper.Hoffman2014
              "Hoffman2014"
              [ "Hoffman, Matthew D."; "Gelman, Andrew" ]
              2014
              "The No-U-Turn Sampler: Adaptively Setting Path Lengths in Hamiltonian Monte Carlo"
              "1111.4246"
          article
              "Journal of Machine Learning Research"
              [ "volume", "18" ]
              Paper.Mandt2017
              "Mandt2017"
              [ "Mandt, Stephan"; "Hoffman, Matthew D."; "Blei, David M." ]
              2017
              "Stochastic Gradient Descent as Approximate Bayesian Inference"
              "1704.04289"
          at
              "NeurIPS"
              Paper.Kunstner2019
              "Kunstner2019"
              [ "Kunstner, Frederik"; "Balles, Lukas"; "Hennig, Philipp" ]
              2019
              "Limitations of the Empirical Fisher Approximation for Natural Gradient Descent"
              "1905.12558"
          article
              "Bayesian Analysis"
              [ "volume", "16" ]
              Paper.Vehtari2021
              "Vehtari2021"
              [ "Vehtari, Aki"; "Gelman, Andrew"; "Simpson, Daniel"; "Carpenter, Bob"; "Bürkner, Paul-Christian" ]
              2021
              "Rank-Normalization, Folding, and Localization: An Improved R̂ for Assessing Convergence of MCMC"
              "1903.08008"
          book
              "MIT Press"
              []
              Paper.Rasmussen2006
              "Rasmussen2006"
              [ "Rasmussen, Carl Edward"; "Williams, Christopher K. I." ]
              2006
              "Gaussian Processes for Machine Learning"
              ""
          at "NIPS" Paper.Cho2009 "Cho2009" [ "Cho, Youngmin"; "Saul, Lawrence K." ] 2009 "Kernel Methods for Deep Learning" ""
          at
              "AISTATS"
              Paper.Murray2010
              "Murray2010"
              [ "Murray, Iain"; "Adams, Ryan Prescott"; "MacKay, David J. C." ]
              2010
              "Elliptical slice sampling"
              "1001.0175"
          at
              "ICML"
              Paper.Wenzel2020
              "Wenzel2020"
              [ "Wenzel, Florian"
                "Roth, Kevin"
                "Veeling, Bastiaan S."
                "Świątkowski, Jakub"
                "Tran, Linh"
                "Mandt, Stephan"
                "Snoek, Jasper"
                "Salimans, Tim"
                "Jenatton, Rodolphe"
                "Nowozin, Sebastian" ]
              2020
              "How Good is the Bayes Posterior in Deep Neural Networks Really?"
              "2002.02405"
          at
              "ICLR"
              Paper.Aitchison2021
              "Aitchison2021"
              [ "Aitchison, Laurence" ]
              2021
              "A statistical theory of cold posteriors in deep neural networks"
              "2008.05912"
          at
              "NeurIPS"
              Paper.Kapoor2022
              "Kapoor2022"
              [ "Kapoor, Sanyam"; "Maddox, Wesley J."; "Izmailov, Pavel"; "Wilson, Andrew Gordon" ]
              2022
              "On Uncertainty, Tempering, and Data Augmentation in Bayesian Classification"
              "2203.16481" ]
