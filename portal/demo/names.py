"""Names, streets and towns of the places where Fern & Kettle's customers live."""

FIRST_NAMES = {
    "BE": "Lotte Emma Noor Marie Julie Elise Sofie Hanne Femke Annelies Griet Katrien Ilse Veerle "
    "Camille "
    "Chloé Élodie Margaux Amélie Zoë Lieselot Tine Wim Bart Koen Pieter Jan Tom Jeroen Stijn "
    "Maarten Dries "
    "Lars Arne Senne Mathias Thibault Bénédicte Guillaume Loïc Benoît Yannick Youssef Fatima "
    "Mehmet Aïcha",
    "NL": "Sanne Fleur Anouk Marloes Femke Roos Jet Willemijn Maaike Inge Saskia Esther Daan Sem "
    "Bram "
    "Thijs Jasper Ruben Joost Gijs Hidde Sjoerd Wouter Floris Renée Zoë Noël Soraya",
    "GB": "Olivia Amelia Isla Ava Freya Poppy Alice Harriet Imogen Niamh Siobhán Eilidh Rhiannon "
    "Bethan "
    "George Arthur Harry Oliver Callum Rory Euan Gareth Alistair Nigel Hugh Edmund Priya Aisha "
    "Oluwaseun",
    "FR": "Camille Manon Léa Chloé Inès Océane Anaïs Maëlle Aurélie Hélène Françoise Geneviève "
    "Lucas Hugo "
    "Théo Mathéo Raphaël Jérôme Cédric François Benoît Jean-Luc Anne-Sophie Marie-Thérèse Noémie "
    "Gaëlle",
    "DE": "Anna Lena Hannah Greta Frieda Jule Käthe Änne Svenja Katharina Ulrike Jürgen Jörg "
    "Björn Sören "
    "Lukas Finn Jonas Maximilian Götz Matthias Rüdiger Anke Heike Dörte Ayşe Emre",
}
LAST_NAMES = {
    "BE": "Peeters Janssens Maes Jacobs Mertens Willems Claes Goossens Wouters De_Smet Vermeulen "
    "Van_den_Broeck "
    "De_Clercq Lemmens Van_Damme Verhoeven Dubois Lambert Dupont Martin Hermans Pauwels D'Hondt "
    "D'haene "
    "Vandenbossche Van_Hoorebeke De_Baere Lefèvre Noël El_Amrani Yılmaz Van_der_Straeten",
    "NL": "de_Jong Jansen de_Vries van_den_Berg Bakker Visser Smit Meijer de_Boer Mulder Bos Vos "
    "Peters "
    "Hendriks van_Leeuwen Dekker Brouwer de_Wit Dijkstra Postma Hoekstra 't_Hooft in_'t_Veld "
    "Öztürk",
    "GB": "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans "
    "Walker "
    "O'Brien O'Connor MacLeod McDonald Fitzgerald Ashworth Whitcombe-Hart Ó_Súilleabháin Patel "
    "Khan Adeyemi",
    "FR": "Martin Bernard Thomas Petit Robert Richard Durand Moreau Laurent Lefèvre Garcia "
    "Fournier Girard "
    "Mercier Blanc Guérin Boyer D'Aubigné L'Hermite Lemaître Benoît de_La_Tour Lê Châtelain",
    "DE": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer "
    "Koch Bauer "
    "Richter Klein Wolf Schröder Neumann Groß Weiß Jäger Köhler Krüger von_Bülow Şahin Dvořák",
}
# First name, last name, and how the person spells it in an address.
FROM_FURTHER = (
    ("美咲", "佐藤", "misaki.sato"),
    ("Ελένη", "Παπαδοπούλου", "eleni.papadopoulou"),
    ("Дарина", "Шевченко", "daryna.shevchenko"),
    ("伟", "王", "wei.wang"),
    ("ليلى", "حداد", "layla.haddad"),
    ("נועה", "לוי", "noa.levi"),
    ("서연", "김", "seoyeon.kim"),
    ("Nguyễn Thị", "Ánh Tuyết", "anh.tuyet"),
    ("მარიამ", "ბერიძე", "mariam.beridze"),
    ("अनन्या", "शर्मा", "ananya.sharma"),
    ("Þórdís", "Guðmundsdóttir", "thordis"),
    ("Maximiliane-Theodora", "von und zu Hohenstein-Weißenfels-Lindenau", "mt.lindenau"),
    ("Jean-Baptiste Emmanuel", "de la Rochefoucauld-Montbel d'Estissac", "jb.montbel"),
    ("X", "Æ", "x"),
)
STREETS = {
    "BE": "Veldstraat|Kortrijksesteenweg|Onderbergen|Coupure Links|Sint-Pietersnieuwstraat|"
    "Brusselsestraat|"
    "Rue de l'Étuve|Avenue Louise|Meir|Langemunt|Burgstraat|Rue Haute|Chaussée d'Ixelles|"
    "Tiensevest",
    "NL": "Prinsengracht|Oudegracht|Kerkstraat|Dorpsstraat|Van Baerlestraat|Lange Voorhout|'t "
    "Zand|Nieuwe Rijn",
    "GB": "High Street|Church Lane|Station Road|Victoria Road|St John's Hill|Mill Lane|The Green|"
    "Albion Terrace",
    "FR": "rue de la République|avenue Jean Jaurès|rue de l'Église|quai des Chartrons|place "
    "d'Armes|rue Molière",
    "DE": "Hauptstraße|Schillerstraße|Am Mühlbach|Lindenallee|Königsplatz|Bäckergasse|Goethestraße",
}
# Town, postcode, then the code and name of the province where the export writes one.
TOWNS = {
    "BE": "Gent:9000::|Gent:9000::|Gent:9050::|Antwerpen:2000::|Brugge:8000::|Leuven:3000::|"
    "Bruxelles:1050::|"
    "Liège:4000::|Namur:5000::|Kortrijk:8500::|Mechelen:2800::|Aalst:9300::|Hasselt:3500::",
    "NL": "Amsterdam:1016 GV::|Utrecht:3511 AB::|Rotterdam:3011 HE::|Den Haag:2514 EA::|"
    "Leiden:2312 ES::|"
    "Groningen:9711 LM::|Maastricht:6211 CS::|'s-Hertogenbosch:5211 JN::",
    "GB": "London:N1 9GU:ENG:England|London:SE15 4QN:ENG:England|Bristol:BS6 5RR:ENG:England|"
    "Edinburgh:EH3 6SS:SCT:Scotland|Cardiff:CF11 9LJ:WLS:Wales|Leeds:LS6 3HN:ENG:England|"
    "Belfast:BT7 1NN:NIR:Northern Ireland|King's Lynn:PE30 1EP:ENG:England",
    "FR": "Lille:59000::|Paris:75011::|Lyon:69002::|Bordeaux:33000::|Nantes:44000::|"
    "Saint-Étienne:42000::",
    "DE": "Berlin:10435::|Köln:50667::|München:80331::|Hamburg:20359::|Düsseldorf:40213::|"
    "Görlitz:02826::",
}
DOORS = ("Bus 3", "2nd floor", "c/o Maes")
COMPANIES = (
    "Café De Wilde Weelde",
    "Studio Noordzee bv",
    "Bakkerij 't Goed Brood",
    "Huisarts Dr. Claes & Co",
    'Hotel "De Zwaan"',
    "Yoga, Breath & Tea Ltd",
)
ABOUT = (
    "Prefers loose leaf, never bags.",
    "Wholesale prices agreed by phone.",
    "Allergic to nuts: check blends.",
    "Collects at the shop on Saturdays.",
)
