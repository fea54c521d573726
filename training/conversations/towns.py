"""The largest towns of the world, from GeoNames (CC BY 4.0). An underscore stands for a space."""

TOWNS = tuple(
    name.replace("_", " ")
    for name in """
Abidjan Abu_Dhabi Abuja Accra Adana Addis_Ababa Ahmedabad Al_Başrah_al_Qadīmah Al_Mawşil_al_Jadīdah Aleppo
Alexandria Algiers Almaty Ankara Astana Auckland Baghdad Baku Bamako Bandung Bangkok Baoding Baoshan Baotou
Barcelona Bayan_Nur Bazhong Beijing Beirut Bekasi Belo_Horizonte Belém Bengaluru Benin_City Berlin Bhopal Bogotá
Brasília Brazzaville Brisbane Brooklyn Bucharest Budapest Buenos_Aires Bursa Busan Cairo Cali Caloocan Camayenne
Cape_Town Caracas Casablanca Changchun Changsha Changshu Changzhou Chaozhou Chattogram Chengdu Chennai Chicago
Chongqing Ciudad_Juárez Coimbatore Conakry Curitiba Córdoba Cần_Thơ Daegu Dakar Dalian Damascus Daqing
Dar_es_Salaam Datong Davao Dazhou Delhi Depok Dhaka Diyarbakır Dongguan Dubai Durban Ecatepec_de_Morelos Erbil
Faisalabad Fortaleza Foshan Fukuoka Fuyang Fuzhou Ganzhou Gaziantep Gazipur Giza Goiânia Guangzhou Guayaquil
Guilin Guiyang Gujranwala Haikou Haiphong Hamburg Hangzhou Hanoi Harare Harbin Havana Hefei Ho_Chi_Minh_City
Hohhot Hong_Kong Houston Huainan Huizhou Hyderabad Ibadan Incheon Indore Isfahan Istanbul Iztapalapa Jaipur
Jakarta Jeddah Jiading Jiangmen Jiangyin Jieyang Jilin Jinan Johannesburg Kabul Kaduna Kakamega Kallakurichi
Kampala Kano Kanpur Kaohsiung Karachi Kawasaki Khartoum Khulna Kinshasa Kobe Kolkata Kowloon Kumasi Kunming
Kunshan Kyiv La_Paz Lagos Lahore Lanzhou León_de_los_Aldama Lianyungang Lima Linyi Lomé London Los_Angeles
Luanda Lubumbashi Lucknow Ludhiana Lusaka Lüliang Madrid Makkah Manaus Manhattan Manila Maracaibo Mashhad
Mbuji-Mayi Medan Medellín Melbourne Mexico_City Mianyang Minhang Minsk Mogadishu Monrovia Montréal Moscow Mosul
Multan Mumbai Munich Nagoya Nagpur Nairobi Nanchang Nanchong Nanjing Nanning Nantong Nanyang Navi_Mumbai
New_Taipei_City New_Territories New_York_City Ningbo Novosibirsk Omdurman Onitsha Ordos Osaka Ouagadougou
Palembang Paris Patna Perth Peshawar Philadelphia Phnom_Penh Phoenix Pimpri-Chinchwad Port_Harcourt Porto_Alegre
Pretoria Pudong Puebla Pune Putian Puxi Puyang Pyongyang Qingdao Qingyang Qingyuan Queens Quetta Quezon_City
Quito Rabat Rasapūdipalem Rawalpindi Recife Rio_de_Janeiro Riyadh Rome Saint_Petersburg Salvador San_Antonio
Sanaa Santa_Cruz_de_la_Sierra Santiago Santiago_de_Querétaro Santo_Domingo Sapporo Semarang Seoul Shanghai
Shangqiu Shantou Shaoxing Sharjah Shenyang Shenzhen Shijiazhuang Shiyan Singapore Songjiang Soweto Stockholm
Surabaya Surat Suzhou Sydney São_Paulo Taichung Tainan Taipei Taiyuan Taizhou Tangerang Tangshan Tashkent Tehran
Thāne Tianjin Tijuana Tokyo Toronto Vadodara Valencia Vienna Wanzhou Warsaw Weifang Wenzhou Wuhan Wuhu Wuxi
Wuzhong Xiamen Xining Yancheng Yangon Yangzhou Yantai Yekaterinburg Yinchuan Yokohama Yunfu Zhaoqing Zhengzhou
Zhongshan Zhuhai Zibo Zunyi Ürümqi İzmir
""".split()
)
