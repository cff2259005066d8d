System.Console.WriteLine("noisescale");
