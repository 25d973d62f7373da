"""The words and templates that names of acts and titles of tracks are made of.

A template's braces name a list of `WORDS`; the number beside it is its relative frequency.
"""

import pyarrow as pa

_WORD_LISTS = {
    "first": """
    Aaron Abigail Ada Adele Adrian Aisha Alba Alexei Alice Alma Amara Amelia Amos Anders Andre
    Anika Anya Arlo Asha Astrid Audrey August Ava Beatrice Ben Bianca Bridget Bruno Caleb Callum
    Camille Cara Carl Cecilia Celeste Charlie Chloe Clara Claude Clyde Cole Colette Connor Cora
    Cyrus Dahlia Damon Dana Daphne Darius Declan Delia Derek Desmond Diana Dorian Edith Edwin
    Eleanor Eli Elias Elise Ella Elliot Elsa Emil Emma Esme Esther Ethan Eva Ezra Farah Felix
    Fiona Flora Frances Frank Freya Gemma George Gideon Gloria Grace Greta Gus Hana Hannah
    Harper Harriet Hassan Hattie Hazel Hector Helena Henry Hugo Ida Imani Ines Ingrid Iris Isaac
    Isla Ivan Ivy Jack Jada Jamal James Jasmine Jasper Jean Jesse Joan Joel Jonah Josephine Joy
    Jude Julian June Kai Kamal Karim Kate Keira Kenji Kira Lana Lars Laura Layla Lena Leo Leon
    Lewis Lila Linus Lola Lorenzo Louis Lucia Lucy Luka Luther Mabel Mae Magnus Maisie Malik
    Mara Marcus Margot Marlon Martha Matilda Maya Mercy Mila Miles Milo Mina Miriam Molly Monica
    Moses Nadia Naomi Nate Nell Nia Nico Nina Noah Noel Nora Odessa Olive Oliver Omar Opal Oscar
    Otis Otto Owen Pearl Penny Percy Perry Petra Phoebe Quentin Rafael Ravi Reed Rhea Rita Roman
    Rory Rosa Rose Ruben Ruby Rufus Ruth Sadie Sami Samuel Sasha Saul Selma Seth Silas Simone
    Sofia Sol Stella Sunny Suri Sylvie Tariq Tessa Theo Thea Toby Una Ursula Vera Victor Viola
    Walter Wendell Wesley Willa Winston Wyatt Yara Yuki Yusuf Zadie Zara Zeke Zoe""",
    "last": """
    Abbott Abara Adeyemi Aldridge Alvarado Amsel Andersen Archer Ashby Atwood Bailey Banerjee
    Barlow Barnes Bates Beckett Bell Bellamy Bennett Bergström Blackwood Blake Bloom Bowen Boyd
    Bradshaw Brandt Briggs Brody Brooks Calder Callahan Carver Castell Chandra Chen Choi Clarke
    Clement Coleman Corbin Costa Cotter Crane Crawford Cross Cruz Dalton Danvers Darby Dawson
    Dean Delacroix Devlin Diallo Dixon Donovan Draper Drummond Dubois Dunne Eastwood Eaton
    Ekström Ellis Emerson Everett Farrow Fielding Finch Fischer Fitzroy Fletcher Flynn Forde
    Foster Fox Frost Gallagher Garner Gibbs Goldman Graves Greene Greer Grey Griffin Hale
    Halloran Hammond Harding Harlow Hart Hartley Hawkins Hayes Heller Henley Hobbs Holloway Holm
    Hopper Horne Hughes Hunter Hutton Ibarra Ivers Jansen Jarvis Jennings Johansen Jordan Kane
    Kapoor Keane Keller Kendrick Kerr Kimura King Kingsley Klein Knox Kowalski Lacroix Lambert
    Lane Larkin Larsen Laurent Lawson Leblanc Lennox Lindqvist Locke Lowell Lund Lyons MacLeod
    Madden Malone Mancini Marlowe Marsh Mbeki McAllister McBride McCarthy Mercer Merritt Mistry
    Monroe Moody Mori Morrow Moss Murphy Nakamura Navarro Nash Nielsen Nightingale Norwood Novak
    Nwosu O'Brien O'Connell O'Dell O'Hara O'Neal Okafor Okoye Osborne Owusu Page Palmer Park
    Parrish Patel Payne Pell Penn Pierce Pike Porter Quinn Ramsey Rao Raven Redmond Reeves Reyes
    Rhodes Rivers Rossi Rowe Russo Salazar Sato Saunders Sawyer Schaefer Sharma Shaw Sinclair
    Singh Sloane Solberg Song Sorensen Spencer Sterling Stone Sutherland Sykes Tanaka Tate
    Temple Thorne Torres Townsend Tran Tremblay Turner Underwood Vance Vaughn Vega Vickers
    Villeneuve Voss Wagner Wainwright Walker Ward Watts Weaver Weiss West Whitaker Wilde Winslow
    Winters Wolfe Woods Wyatt Yamada Yates York Young Zeller Zimmer""",
    "initial": "A. B. C. D. E. F. G. H. J. K. L. M. N. P. R. S. T. V. W.",
    "nombre": """
    Alejandro Alicia Álvaro Ana Andrés Beatriz Camila Carlos Carmen Catalina César Clara
    Cristina Daniela Diego Elena Emilio Esteban Eva Felipe Fernanda Gabriela Gonzalo Héctor
    Ignacio Inés Isabel Javier Joaquín Jorge José Juana Julieta Lorena Lucía Luis Luz Manuela
    Marcela Marco María Mariana Martín Mateo Mercedes Miguel Mónica Natalia Nicolás Olga Óscar
    Pablo Paloma Paula Pilar Rafael Ramón Raquel Ricardo Rocío Rosario Salvador Santiago Sara
    Sebastián Sofía Teresa Tomás Valentina Valeria Vicente Ximena Yolanda""",
    "apellido": """
    Acosta Aguilar Alarcón Arango Barrios Benítez Bravo Cabrera Calderón Camacho Campos Cárdenas
    Castro Cordero Cortés Delgado Domínguez Duarte Escobar Espinoza Estrada Figueroa Flores
    Fuentes Galindo Gallardo Guerrero Herrera Hidalgo Ibáñez Iglesias Jiménez Lara León Lozano
    Luna Maldonado Marín Medina Mejía Mendoza Miranda Montoya Morales Moreno Muñoz Núñez Ochoa
    Ojeda Ortega Pacheco Palacios Paredes Peña Ponce Quintero Ramos Ríos Rivas Rojas Romero
    Rosales Salinas Sandoval Santana Serrano Solís Sosa Suárez Tejada Trujillo Valdés Valencia
    Vargas Velasco Vidal Villalobos Zamora Zapata Zúñiga""",
    "nome": """
    Adriana André Antônio Aurora Beatriz Bento Caetana Celso Clarice Dalva Davi Edson Elza Fábio
    Fernanda Flávia Francisco Gilda Helena Heitor Iara Inácio Jair João Joana Jorge Lia Lúcio
    Luísa Marcelo Marina Milena Moacyr Nara Nilo Odete Paulo Renato Rita Rosa Sérgio Sílvia
    Tânia Tom Vitória Waldir Wilson Zélia""",
    "sobrenome": """
    Almeida Andrade Araújo Azevedo Barbosa Barros Bastos Borges Brandão Campos Cardoso Carvalho
    Castilho Coutinho Cunha Dantas Farias Fonseca Freitas Guimarães Lacerda Leite Lemos Lobo
    Macedo Machado Magalhães Martins Medeiros Meireles Monteiro Moura Nogueira Pacheco Peixoto
    Pinheiro Queiroz Ramos Ribeiro Rocha Sampaio Siqueira Tavares Teixeira Valente Vieira Xavier""",
    "start": """
    Al Ama An Ari As Bel Bri Cal Cas Cel Da Del Dre El Ev Fal Fi Gal Ha In Is Ja Jo Ju Ka Kal
    Kel Ki La Le Li Lo Lu Ma Mar Mel Mi Mo Na Ne Ni No O Or Pa Phe Ra Re Ri Ro Sa Sel Sha Si So
    Ta Te Ti Tri Va Ve Vi Wil Xa Ya Ze Zi Zo""",
    "middle": """
    bri da dri la li lo ma mi na ni no ra ri ro sa sha ta ti to va vi ya""",
    "end": """
    bel ble dan del dora dra ella elle fae fir gan ira kai kara kesh la lani leigh len lia line
    lise lo lux lyn mar mara mina mira mona nai nara nell nika nix nova ra rah ran rell ren rez
    ria riel ris ron rose rya sha shay son ssa strel tal than thea tia tori va van vane vara ven
    vi vin vira vox wyn xa ya yon za zelle zia""",
    "adjective": """
    Amber Ancient Arctic Ashen Autumn Bitter Black Blind Blue Borrowed Brave Bright Broken
    Bronze Burning Careless Cheap Clever Cold Common Copper Coral Crimson Crooked Crystal Dark
    Dead Deep Distant Dizzy Double Dusty Eager Early Easy Electric Empty Endless Eternal Evening
    Faded Faithful False Famous Fearless Feral Final First Flying Foolish Forgotten Fragile
    Friendly Frozen Gentle Gilded Glass Golden Good Grand Green Half Hidden Hollow Holy Honest
    Hungry Idle Indigo Inner Iron Ivory Jaded Last Lazy Little Living Lonely Lonesome Long Lost
    Loud Lucky Lunar Mellow Midnight Mighty Modern Naked Narrow Neon Northern Odd Old Open
    Orange Other Outer Painted Pale Paper Patient Perfect Phantom Plastic Polite Private Proud
    Quiet Radiant Rapid Reckless Red Restless Rising Rolling Rough Royal Rusty Sacred Savage
    Scarlet Secret Shallow Sharp Silent Silver Simple Sleeping Slow Small Smoky Soft Solar
    Solid Southern Spare Stolen Stone Strange Sudden Summer Sweet Tall Tender Thin Tidal Tiny
    Twin Unknown Velvet Violet Wandering Warm Weary Western White Wicked Wide Wild Winter Wooden
    Yellow Young""",
    "noun": """
    Alley Anchor Angel Animal Answer Arrow Atlas Avenue Balcony Ballroom Beacon Bell Bird
    Blossom Boat Bone Bottle Bridge Bruise Candle Canyon Caravan Castle Cathedral Ceiling Chapel
    Child Circle Cloud Coast Comet Compass Corner Cradle Crown Curtain Dagger Daisy Dancer
    Daughter Desert Diamond Dollar Door Dream Driver Echo Eclipse Ember Empire Engine Eye Falcon
    Farewell Feather Fence Fever Field Fire Flag Flame Flood Flower Fortune Fountain Fox Frame
    Garden Gate Ghost Giant Glacier Glove Gravity Guitar Halo Hammer Hand Harbor Hat Haven Heart
    Highway Hill Holiday Honey Horizon Horse Hotel Hour House Hunter Hurricane Island Ivy Jewel
    Joke Jungle Key Kingdom Kite Ladder Lake Lantern Leaf Letter Liar Light Lightning Lion
    Machine Magnet Map Marble Meadow Memory Mercury Message Mile Miracle Mirror Money Monster
    Moon Morning Motel Motor Mountain Mouth Needle Night Ocean Orchard Orchid Palace Parade
    Parlor Passenger Pearl Photograph Pilot Pocket Poison Postcard Promise Prophet Question
    Radio Railway Rain Razor Ribbon Ring Riot River Road Rocket Roof Room Rose Ruin Runaway
    Sailor Saint Satellite Scar School Sea Season Secret Shadow Shelter Ship Shore Signal Sister
    Sky Smile Smoke Snow Soldier Sparrow Spider Spirit Stage Staircase Star Station Statue Storm
    Story Stranger Street Summit Sun Sunday Swan Tattoo Telephone Temple Theater Thief Thunder
    Ticket Tide Tiger Tomorrow Tower Train Treasure Tree Trouble Tunnel Umbrella Valley Victory
    Village Vision Voice Voyage Wall War Water Wave Whisper Wind Window Wine Wing Winter Wire
    Wish Witness Wolf Wonder World Yesterday Zodiac""",
    "plural": """
    Acrobats Aliens Anchors Angels Animals Apostles Architects Arrows Astronauts Bandits Bells
    Birds Blossoms Brothers Bullets Butlers Captains Cardinals Cars Cats Champions Children
    Cities Clocks Clouds Coasts Comets Cousins Cowboys Crows Curtains Dancers Daughters Diamonds
    Doctors Dolphins Doves Dragons Dreamers Drifters Drivers Echoes Elephants Embers Engines
    Falcons Favors Feathers Fires Flamingos Flowers Foxes Friends Gamblers Gardeners Ghosts
    Giants Habits Hearts Heroes Highways Horses Hours Hunters Islands Kids Kings Kites Ladders
    Lanterns Leopards Letters Lights Lions Lovers Machines Magicians Magnets Matches
    Millionaires Mirrors Monks Moons Mothers Mountains Neighbors Nights Nomads Orphans Owls
    Painters Palms Pilots Pirates Planets Poets Postcards Prophets Puppets Queens Rabbits Radios
    Ravens Rebels Ribbons Rivers Rockets Saints Sailors Satellites Scholars Secrets Shadows
    Sharks Shepherds Ships Signals Sisters Skeletons Sparrows Spirits Stars Statues Stones
    Stories Strangers Streets Suitcases Swans Teachers Telephones Thieves Tigers Towers Trains
    Travelers Twins Vagabonds Valleys Voices Wanderers Waves Whispers Widows Windows Wings Wires
    Wishes Witnesses Wolves Wonders Workers""",
    "abstract": """
    Absence Belief Change Chance Comfort Courage Desire Distance Doubt Faith Fate Fear Freedom
    Friendship Glory Grace Gravity Grief Guilt Harmony Home Hope Innocence Joy Justice Kindness
    Laughter Logic Longing Love Luck Mercy Motion Nothing Patience Peace Pleasure Power Pride
    Reason Regret Silence Sleep Sorrow Space Surrender Sympathy Time Trust Truth Wisdom Wonder
    Youth""",
    "verb": """
    Ask Believe Blame Break Bring Call Carry Catch Chase Choose Comfort Convince Fight Find
    Follow Forget Forgive Free Haunt Heal Hear Hold Keep Kiss Know Leave Lift Lose Meet Miss
    Need Pull Remember Rescue Save See Shake Show Take Teach Tell Thank Touch Trust Turn
    Understand Wake Want Warn Watch""",
    "gerund": """
    Bending Bleeding Breaking Breathing Building Burning Calling Chasing Climbing Counting
    Crawling Crossing Crying Dancing Digging Disappearing Diving Dreaming Drifting Driving
    Drowning Fading Falling Fighting Floating Flying Growing Hiding Hunting Kneeling Laughing
    Leaving Living Losing Moving Painting Praying Racing Reaching Riding Rising Running Sailing
    Searching Shaking Shining Singing Sinking Sleeping Slipping Spinning Standing Stealing
    Swimming Talking Waiting Waking Walking Wandering Watching Whispering Wishing""",
    "where": """
    Above Across Against Behind Below Beneath Beside Beyond Over Past Through Toward
    Under Without""",
    "when": """
    Again Always Anymore Anyway Before_Dawn Closer Every_Night Forever Home Instead Later
    Next_Time Now One_Last_Time Slowly Someday Sometimes Somehow Soon Tomorrow Tonight
    Twice""",
    "hour": """
    Afternoon Christmas Daybreak Dusk Evening Friday_Night January July Midnight Monday Morning
    New_Year's_Eve Noon November October One_Summer Saturday September Sunday Sunrise Three_A.M.
    Winter""",
    "city": """
    Albany Amsterdam Athens Atlanta Austin Baltimore Barcelona Belfast Berlin Boston Bristol
    Brooklyn Brussels Budapest Buenos_Aires Cairo Cape_Town Cardiff Casablanca Chicago Cleveland
    Copenhagen Dakar Dallas Denver Detroit Dublin Edinburgh Florence Geneva Glasgow Halifax
    Hamburg Harlem Havana Helsinki Houston Istanbul Kingston Kyoto Lagos Lima Lisbon Liverpool
    London Madrid Manchester Marseille Melbourne Memphis Milan Minneapolis Mobile Montreal
    Nairobi Naples Nashville New_Orleans New_York Oakland Oslo Ottawa Paris Philadelphia Phoenix
    Portland Prague Reno Rio Rome Santa_Fe Savannah Seattle Seoul Sheffield Stockholm Sydney
    Tangier Tokyo Toronto Tucson Tulsa Vancouver Venice Vienna Warsaw Wellington Wichita""",
    "number": "2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 24 25 27 28 30 31 33 35",
    "part": "1 2 3 4 5 6 7 8 9",
    "roman": "I II III IV V VI VII",
    "count": "Two Three Four Five Six Seven Nine Ten Eleven Twelve Forty Fifty Ninety Hundred",
    "ensemble": """
    Baroque_Ensemble Chamber_Orchestra Chamber_Players City_Orchestra Consort Festival_Strings
    Philharmonic Piano_Trio Radio_Symphony Sinfonietta Soloists String_Quartet
    Symphony_Orchestra Wind_Quintet""",
    "combo": "Big_Band Duo Five Jazz_Collective Octet Orchestra Quartet Quintet Septet Sextet Trio",
    "choir": """
    Community_Choir Fellowship_Choir Gospel_Singers Jubilee_Singers Mass_Choir Praise_Ensemble
    Tabernacle_Choir Voices_of_Praise""",
    "studio": """
    Archive Atlas Cartography Choir Circuit Department Drift Dust Field Fields Garden Institute
    Laboratory Library Meridian Observatory Orchard Recordings Signal Society Tapes Weather""",
    "rapper": "Big Chief Doc Flip Kid King Lil MC Prince Slim Tha Yung",
    "form": """
    Bagatelle Ballade Caprice Concertino Concerto Divertimento Etude Fantasia Fugue Impromptu
    Intermezzo Invention Mazurka Minuet Nocturne Partita Polonaise Prelude Quartet Rhapsody
    Romance Rondo Scherzo Serenade Sonata Sonatina Suite Symphony Toccata Trio Variation Waltz""",
    "tonality": """
    A_Major A_Minor A-Flat_Major B_Minor B-Flat_Major B-Flat_Minor C_Major C_Minor C-Sharp_Minor
    D_Major D_Minor D-Flat_Major E_Major E_Minor E-Flat_Major F_Major F_Minor F-Sharp_Minor
    G_Major G_Minor""",
    "movement": """
    Adagio Adagio_cantabile Allegretto Allegro Allegro_con_brio Allegro_moderato Andante
    Andante_sostenuto Finale Grave Largo Larghetto Lento Maestoso Menuetto Moderato Molto_vivace
    Poco_adagio Presto Vivace""",
    "scape": """
    Archipelago Aurora Basin Bloom Bridge Canopy Cascade Cavern Chamber Clearing Cliffs
    Constellation Current Dawn Delta Dunes Estuary Fjord Fog Forest Frequencies Frost Glacier
    Glow Gulf Halo Harbor Haze Horizon Lagoon Lake Light Lullaby Mantra Meadow Mist Monsoon
    Moraine Nebula Orbit Pasture Passage Plateau Prairie Pulse Rain Reef Refraction Reverie
    Ritual River Sediment Shoreline Signals Snowfall Solstice Spiral Stillness Strata Summit
    Threshold Tide Tundra Undertow Valley Veil Vapor Waterline Weather Wetlands Wilderness
    Woodland""",
    "mineral": """
    Agate Amber Basalt Cedar Chalk Clay Coal Cobalt Copper Coral Flint Granite Heather Ivory
    Jade Juniper Lichen Lime Marble Mica Moss Onyx Opal Pine Quartz Salt Sand Shale Silver Slate
    Spruce Steel Willow""",
    "cosa": """
    Alegría Ausencia Calle Canción Casa Ciudad Despedida Esperanza Estrella Flor Fiesta Gitana
    Guitarra Herida Isla Lágrima Libertad Lluvia Locura Luna Madrugada Mañana Mentira Mirada
    Morena Noche Palabra Playa Primavera Promesa Reina Rosa Semilla Sirena Sombra Tormenta
    Tristeza Vela Vida""",
    "ser": """
    Abrazo Adiós Amanecer Amor Baile Beso Cielo Corazón Deseo Destino Dolor Fuego Hombre
    Invierno Mar Milagro Mundo Olvido Pueblo Ritmo Río Secreto Sentimiento Silencio Sol Sueño
    Tambor Tiempo Veneno Verano Viento""",
    "haz": """
    Abrázame Bailemos Bésame Búscame Cántame Cuéntame Dame_Más Despiértame Dímelo Escúchame
    Espérame Llévame Mírame Óyeme Perdóname Quédate Quiéreme Recuérdame Sígueme Vámonos""",
    "bando": """
    Amigos Caminantes Cantores Compadres Gavilanes Hermanos Hijos_del_Mar Jinetes Marineros
    Navegantes Peregrinos Reyes Soñadores Tambores Trovadores Vecinos""",
    "coisa": """
    Alegria Areia Brisa Canção Chuva Cidade Estrada Estrela Flor Garoa Janela Lembrança Lua
    Manhã Maré Menina Montanha Morena Noite Onda Partida Primavera Rede Rosa Sacada Saudade
    Serenata Tarde Varanda Vida""",
    "praia": """
    Azul Branca Calma Clara Distante Doce Lenta Leve Mansa Morna Nova Serena Sozinha Tranquila
    Triste Verde""",
    "scene": """
    alabama albany athens atlanta auckland austin australian baltimore barcelona bay_area
    belfast bergen berlin birmingham bogota boston bristol brooklyn brussels budapest
    buenos_aires california canadian cape_town cardiff chicago cleveland cologne copenhagen
    dallas danish denver detroit dublin dutch edinburgh finnish florida galician georgia glasgow
    hamburg harlem havana helsinki houston icelandic kansas_city kyoto leeds lisbon liverpool
    london los_angeles lyon madrid manchester melbourne memphis mexico_city miami milan
    minneapolis montreal nairobi naples nashville new_orleans new_york norwegian oakland oslo
    paris perth philadelphia phoenix pittsburgh polish portland prague reykjavik rotterdam
    savannah seattle stockholm sydney texas toronto vancouver vermont vienna warsaw wellington
    welsh""",
}

WORDS = {
    slot: pa.array([word.replace("_", " ") for word in words.split()])
    for slot, words in _WORD_LISTS.items()
}
"""The words of each slot; in the lists above an underscore stands for a space within a word."""

_PERSON = {"{first} {last}": 30, "{first} {initial} {last}": 1}
_MONONYM = {"{start}{end}": 6, "{start}{middle}{end}": 4}
_BAND = {
    "The {adjective} {plural}": 9,
    "The {plural}": 4,
    "{adjective} {noun}": 7,
    "The {adjective} {noun}": 4,
    "{noun} {plural}": 4,
    "{noun} & {noun}": 2,
    "{first} & the {plural}": 3,
    "{first} {last} & the {adjective} {plural}": 1,
    "{noun} of {abstract}": 2,
    "{noun}'s {plural}": 1,
    "{city} {plural}": 2,
    "{count} {adjective} {plural}": 1,
}
_CLUB = {
    "DJ {first}": 1,
    "DJ {start}{end}": 3,
    "{adjective} {noun}": 1,
    "{start}{end} & {first}": 1,
}
_RAPPER = {
    "{rapper} {start}{end}": 5,
    "{rapper} {noun}": 4,
    "{rapper} {last}": 3,
    "{first} the {noun}": 1,
    "{city} {plural}": 1,
}
_STUDIO = {
    "{mineral} {studio}": 5,
    "{adjective} {studio}": 4,
    "{city} {studio}": 2,
    "{scape} {studio}": 3,
}


def _mix(*parts: tuple[dict[str, float], float]) -> dict[str, float]:
    """Blend sets of templates, each with its share of the whole."""
    mixed: dict[str, float] = {}
    for templates, share in parts:
        scale = share / sum(templates.values())
        for template, weight in templates.items():
            mixed[template] = mixed.get(template, 0) + weight * scale
    return mixed


ACTS = {
    "solo": _mix((_PERSON, 0.55), (_MONONYM, 0.25), (_BAND, 0.2)),
    "band": _mix((_BAND, 0.85), (_PERSON, 0.15)),
    "folk": _mix((_PERSON, 0.65), (_BAND, 0.35)),
    "rap": _mix((_RAPPER, 0.6), (_MONONYM, 0.25), (_PERSON, 0.15)),
    "club": _mix((_CLUB, 0.5), (_MONONYM, 0.3), (_PERSON, 0.2)),
    "studio": _mix((_STUDIO, 0.6), (_PERSON, 0.25), (_MONONYM, 0.15)),
    "jazz": _mix((_PERSON, 0.55), ({"{first} {last} {combo}": 2, "{last} {combo}": 1}, 0.45)),
    "crooner": _mix((_PERSON, 0.9), (_MONONYM, 0.1)),
    "choir": _mix((_PERSON, 0.5), ({"{city} {choir}": 2, "{adjective} {noun} {choir}": 1}, 0.5)),
    "classical": _mix((_PERSON, 0.5), ({"{city} {ensemble}": 2, "{last} {ensemble}": 2}, 0.5)),
    "latin": _mix(
        ({"{nombre} {apellido}": 3, "{nombre} {apellido} {apellido}": 1}, 0.65),
        (_MONONYM, 0.15),
        ({"Los {bando} de {city}": 1, "Grupo {ser}": 1, "La {cosa} {apellido}": 1}, 0.2),
    ),
    "brazilian": _mix(
        ({"{nome} {sobrenome}": 3, "{nome} {sobrenome} {combo}": 1}, 0.9),
        ({"Conjunto {coisa} {praia}": 1, "{nome} & {nome}": 1}, 0.1),
    ),
}
"""Names of acts, by kind of act."""

LONGER_ACTS = {
    "{first} {first} {last}": 4,
    "The {adjective} {noun} {plural}": 4,
    "{first} {last} & the {adjective} {plural}": 2,
    "{nombre} {apellido} & the {noun} {plural}": 1,
}
"""Names of acts whose short name is taken."""

_SONG = {
    "{noun}": 4,
    "{adjective} {noun}": 10,
    "{adjective} {plural}": 6,
    "The {noun}": 2,
    "The {adjective} {noun}": 3,
    "{noun} of {abstract}": 3,
    "{abstract}": 1,
    "{abstract} & {abstract}": 2,
    "{gerund}": 1,
    "{gerund} {where} the {noun}": 4,
    "{gerund} {where} {plural}": 2,
    "{gerund} in {city}": 2,
    "{verb} Me {when}": 5,
    "Don't {verb} Me {when}": 4,
    "I {verb} You {when}": 3,
    "{verb} the {noun}": 4,
    "If You {verb} Me": 2,
    "When the {noun} Is {adjective}": 2,
    "{hour} in {city}": 3,
    "{hour} {noun}": 3,
    "{city}": 1,
    "{city} {plural}": 1,
    "Letter to {first}": 1,
    "{first}": 2,
    "{first}'s {noun}": 2,
    "{count} {plural}": 2,
    "{count} {adjective} {plural}": 2,
    "No {plural} {when}": 1,
    "We Were {plural}": 1,
    "Your {adjective} {noun}": 3,
    "My {noun}": 2,
    "{noun} ({verb} Me {when})": 2,
    "All the {adjective} {plural}": 2,
}

TITLES = {
    "song": _SONG,
    "club": _mix(
        (_SONG, 0.45),
        (
            {
                "{noun}": 3,
                "{gerund}": 2,
                "{verb} Me": 3,
                "{adjective} {noun}": 5,
                "{mineral} {noun}": 3,
                "{city} {hour}": 2,
                "{noun} {number}": 1,
                "{noun} Theory": 1,
                "{verb} the {noun}": 3,
            },
            0.55,
        ),
    ),
    "blues": _mix(
        (_SONG, 0.6),
        (
            {
                "{city} Blues": 3,
                "{adjective} {noun} Blues": 4,
                "{hour} Blues": 2,
                "{first}'s Blues": 2,
                "{gerund} Blues": 1,
                "{adjective} Mama, {verb} Me {when}": 1,
            },
            0.4,
        ),
    ),
    "jazz": _mix(
        (_SONG, 0.55),
        (
            {
                "Waltz for {first}": 2,
                "{first}'s {noun}": 2,
                "{hour} in {city}": 3,
                "{adjective} {hour}": 3,
                "Blues for {first}": 2,
                "{number} {city} Street": 1,
                "{last}'s Bounce": 1,
                "Song for {first} {last}": 1,
            },
            0.45,
        ),
    ),
    "opus": {
        "{form} No. {number} in {tonality}": 4,
        "{form} in {tonality}, Op. {number}": 4,
        "{form} in {tonality}, Op. {number} No. {part}": 5,
        "{form} No. {number} in {tonality}: {roman}. {movement}": 8,
        "{form} in {tonality}, Op. {number}: {roman}. {movement}": 6,
        "{movement} for {first}": 1,
        "{form}: The {adjective} {noun}": 2,
    },
    "scape": {
        "{scape}": 3,
        "{adjective} {scape}": 6,
        "{mineral} {scape}": 6,
        "{scape}, Pt. {part}": 4,
        "{adjective} {scape} {roman}": 3,
        "{gerund} {where} the {scape}": 5,
        "{hour} {scape}": 3,
        "{scape} for {first}": 2,
        "{mineral} & {mineral}": 3,
        "{scape} of {abstract}": 3,
    },
    "spanish": {
        "{haz}": 2,
        "La {cosa}": 2,
        "El {ser}": 2,
        "Mi {cosa}": 2,
        "Tu {ser}": 2,
        "{cosa} de {ser}": 5,
        "{ser} de {cosa}": 5,
        "Sin {ser}": 1,
        "{haz} en {city}": 2,
        "{cosa} y {ser}": 4,
        "La {cosa} de {nombre}": 3,
        "Bajo la {cosa}": 2,
        "El {ser} y la {cosa}": 4,
        "{haz}, {nombre}": 2,
        "Otro {ser} sin {cosa}": 3,
    },
    "portuguese": {
        "{coisa}": 2,
        "{coisa} {praia}": 5,
        "Samba da {coisa}": 3,
        "A {coisa} de {nome}": 3,
        "{coisa} em {city}": 3,
        "Canto de {nome}": 2,
        "Minha {coisa}": 2,
        "{coisa} e {coisa}": 4,
        "Uma {coisa} {praia}": 3,
        "{nome} e a {coisa}": 2,
    },
}
"""Titles of tracks, by kind of title."""

COMPILATIONS = {
    "{adjective} {hour}: The Mix": 2,
    "{hour} in {city}: A Compilation": 2,
    "{count} {adjective} {plural}: The Collection": 2,
    "The {city} {studio} Sampler": 2,
    "Now That's {abstract}": 1,
}
"""Names of compilations."""

_SONG_VERSIONS = {
    "": 83,
    "Live": 4,
    "Acoustic": 2,
    "Remastered": 5,
    "Radio Edit": 3,
    "Single Version": 1,
    "Demo": 1,
    "Bonus Track": 1,
}
_CLUB_VERSIONS = {
    "": 66,
    "Live": 1,
    "Original Mix": 12,
    "Extended Mix": 9,
    "Radio Edit": 8,
    "Club Mix": 4,
}
_CONCERT_VERSIONS = {"": 90, "Live": 5, "Remastered": 5}

VERSIONS = {
    "song": _SONG_VERSIONS,
    "club": _CLUB_VERSIONS,
    "blues": _SONG_VERSIONS,
    "jazz": _CONCERT_VERSIONS,
    "opus": _CONCERT_VERSIONS,
    "scape": _CONCERT_VERSIONS,
    "spanish": _SONG_VERSIONS,
    "portuguese": _CONCERT_VERSIONS,
}
"""What follows the dash of a title, by kind of title; most often nothing."""

ONLY_IN_TRACKS = (
    " - Commentary",
    " - Interview",
    " - Rehearsal",
    " - Voice Memo",
    " (Intro)",
    " (Skit)",
)
"""Endings of titles that the extended file never has."""

ONLY_IN_EXTENDED = (
    " - 8D Audio",
    " - Karaoke Version",
    " - Slowed + Reverb",
    " - Sped Up",
    " - Tribute",
    " (Made Popular By)",
)
"""Endings of titles that the tracks file never has."""

UNMAPPED_GENRES = (
    "catstep",
    "hauntology",
    "kelp core",
    "mall soft",
    "skweee",
    "slow wire",
    "static bloom",
    "vapor drift",
)
"""Source genres that no canonical genre takes up."""
